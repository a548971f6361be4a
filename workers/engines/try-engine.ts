import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import type { EngineVersion } from '#contracts/session.ts'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import { builtInModel } from '#workers/calibration/built-in-model.ts'
import { parseJson } from '#workers/parse-json.ts'
import { type SideSandbox, sideCommand } from '#workers/sandbox/side-command.ts'
import { runProgram } from '#workers/source/run-program.ts'

const PROGRAM = fileURLToPath(new URL('./try-engine/main.ts', import.meta.url))
const TIMEOUT_MS = MS_PER_MINUTE
const SAID_MAX_CHARACTERS = 300

/** With the installation, whose record covers it. */
const MODEL_PATH = join('node_modules', '.tailgate', 'built-in.onnx')

const Answer = z.strictObject({ version: z.string() })

export interface TryEngineOptions {
  readonly sandbox: SideSandbox
  /** Absolute, without symbolic links. */
  readonly engineDirectory: string
  readonly version: EngineVersion
  readonly signal: AbortSignal
}

/** Puts the model that an engine is tried with beside it. */
export async function writeTrialModel(engineDirectory: string): Promise<void> {
  const modelFile = join(engineDirectory, MODEL_PATH)
  await mkdir(dirname(modelFile), { recursive: true })
  await writeFile(modelFile, builtInModel())
}

/**
 * Starts an engine as side processes start, and lets it compute once.
 *
 * @returns what went wrong, as a part of a sentence, or null
 * @throws the signal's reason when it aborts
 */
export async function tryEngine({
  sandbox,
  engineDirectory,
  version,
  signal
}: TryEngineOptions): Promise<string | null> {
  const modelFile = join(engineDirectory, MODEL_PATH)
  const timeout = AbortSignal.timeout(TIMEOUT_MS)
  const command = sideCommand({ ...sandbox, sideProgram: PROGRAM, checkoutDirectory: engineDirectory })
  let stdout = ''
  try {
    const outcome = await runProgram({
      program: command.program,
      args: [...command.args, engineDirectory, modelFile],
      env: command.env,
      cwd: '/',
      signal: AbortSignal.any([signal, timeout]),
      onStdout: (chunk) => {
        stdout = (stdout + chunk.toString('utf8')).slice(0, 1000)
      }
    })
    if (outcome.kind === 'not_started') return `it could not be started: ${outcome.cause.message}`
    if (outcome.exitCode !== 0) return `it ended with exit code ${outcome.exitCode}: ${summarize(outcome.stderr)}`
    return judgeAnswer(stdout, version)
  } catch (error) {
    if (signal.aborted || !timeout.aborted) throw error
    return `it did not answer within ${TIMEOUT_MS / 1000} s`
  }
}

function judgeAnswer(stdout: string, version: EngineVersion): string | null {
  const answer = Answer.safeParse(parseJson(stdout))
  if (!answer.success) return 'it ended without an answer'
  return answer.data.version === version ? null : `it says that it is version ${answer.data.version.slice(0, 50)}`
}

/** The line that names the error, as Node prints one. */
function summarize(stderr: string): string {
  const lines = stderr.split(/[\r\n]+/).map((line) => line.replace(/[\p{Cc}\p{Cf}]/gu, ' ').trim())
  const cause = lines.find((line) => /^(?:\w*Error|Error)\b.*:/.test(line)) ?? lines.find((line) => line !== '')
  return (cause ?? 'it said nothing').slice(0, SAID_MAX_CHARACTERS).replace(/\.$/, '')
}
