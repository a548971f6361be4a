import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import { parseJson } from '#workers/parse-json.ts'
import { type SideSandbox, sideCommand } from '#workers/sandbox/side-command.ts'
import { runProgram } from './run-program.ts'

const PROGRAM = fileURLToPath(new URL('./external-data/main.ts', import.meta.url))
const TIMEOUT_MS = 2 * MS_PER_MINUTE
/** Key of every entry that names a file: a model without this text keeps no data outside [onnx/onnx.proto]. */
export const LOCATION_KEY = 'location'

/** Of the list, as text. */
const LIST_MAX_CHARACTERS = 8 * 1024 ** 2

const Locations = z.array(z.string())

export type ListExternalDataOptions = SideSandbox & {
  /** Absolute, without symbolic links, as for a side process. */
  readonly checkoutDirectory: string
  /** Absolute path of the model's file in the checkout, without symbolic links. */
  readonly modelFile: string
  readonly signal: AbortSignal
  /** Default two minutes. */
  readonly timeoutMs?: number
}

export type ExternalDataList =
  /** As the model names them; see `readExternalLocations`. */
  | { readonly kind: 'listed'; readonly locations: readonly string[] }
  /** A part of a sentence: why the list is not known. */
  | { readonly kind: 'failed'; readonly reason: string }

/**
 * Lists the files that a model keeps data in.
 *
 * A model is parsed where it is also loaded, in a process without network, environment and anything but its checkout: a
 * parser of a stranger's file is the last thing to run beside a token. What it says is a list of strings and nothing more.
 *
 * @throws the signal's reason when it aborts
 */
export async function listExternalData(options: ListExternalDataOptions): Promise<ExternalDataList> {
  const { signal, modelFile, timeoutMs = TIMEOUT_MS, ...side } = options
  const command = sideCommand({ ...side, sideProgram: PROGRAM })
  const limit = new AbortController()
  const timeout = AbortSignal.timeout(timeoutMs)
  let list = ''
  try {
    const outcome = await runProgram({
      program: command.program,
      args: [...command.args, modelFile],
      env: command.env,
      cwd: '/',
      signal: AbortSignal.any([signal, timeout, limit.signal]),
      onStdout: (chunk) => {
        list += chunk.toString('utf8')
        if (list.length > LIST_MAX_CHARACTERS) limit.abort()
      }
    })
    if (outcome.kind === 'not_started') return failed('the program that lists it could not be started')
    if (outcome.exitCode !== 0) return failed(`the program that lists it ended with exit code ${outcome.exitCode}`)
  } catch (error) {
    if (signal.aborted) throw error
    if (timeout.aborted) return failed(`listing it took longer than ${timeoutMs / 1000} s`)
    if (limit.signal.aborted) return failed('it is in too many files')
    throw error
  }
  const locations = Locations.safeParse(parseJson(list))
  return locations.success ? { kind: 'listed', locations: locations.data } : failed('the list is damaged')
}

function failed(reason: string): ExternalDataList {
  return { kind: 'failed', reason }
}
