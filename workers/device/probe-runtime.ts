import { execFile } from 'node:child_process'
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SessionSpec } from '#contracts/session.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'
import type { SideDevice } from './side-device.ts'
import type { TrySettings } from './try-runtime/main.ts'

const PROGRAM = fileURLToPath(new URL('./try-runtime/main.ts', import.meta.url))
const TIMEOUT_MS = 30_000
const REASON_MAX_CHARACTERS = 400

export type RuntimeProbe =
  | { readonly kind: 'works' }
  /** The package is optional: a machine that runs only the bot does without. */
  | { readonly kind: 'not_installed' }
  | {
      readonly kind: 'fails'
      readonly reason: string
      /** All that the process printed. */
      readonly output: string
    }

export interface ProbeRuntimeOptions {
  readonly model: Uint8Array
  /** Path of a bubblewrap that works, or null: the runtime is tried as side processes are started. */
  readonly bubblewrap: string | null
  /** Null or nothing: as onnxruntime-node has it. */
  readonly session?: SessionSpec | null
  /** Folder of an installed engine; null or nothing: the worker's own. */
  readonly engineDirectory?: string | null
  /** Of the session; null or nothing: the processor. */
  readonly device?: SideDevice | null
}

/** Loads a small model with onnxruntime-node and runs it once, in a process of its own and in the sandbox. */
export async function probeRuntime(options: ProbeRuntimeOptions): Promise<RuntimeProbe> {
  const { model, bubblewrap, session = null, engineDirectory = null, device = null } = options
  if (engineDirectory === null && !isInstalled()) return { kind: 'not_installed' }
  const directory = await realpath(await mkdtemp(join(tmpdir(), 'tailgate-doctor-')))
  try {
    const path = join(directory, 'model.onnx')
    await writeFile(path, model)
    const command = sideCommand({
      nodePath: process.execPath,
      sideProgram: PROGRAM,
      checkoutDirectory: directory,
      bubblewrap,
      device,
      engineDirectories: engineDirectory === null ? [] : [engineDirectory]
    })
    const settings: TrySettings = { session, engineDirectory }
    return await runToEnd(command.program, [...command.args, path, JSON.stringify(settings)], command.env)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function isInstalled(): boolean {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node/package.json')
    return true
  } catch {
    return false
  }
}

function runToEnd(program: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return new Promise<RuntimeProbe>((resolve) => {
    execFile(program, args, { env, timeout: TIMEOUT_MS, killSignal: 'SIGKILL' }, (error, stdout, stderr) => {
      const fail = (reason: string) => resolve({ kind: 'fails', reason, output: stderr })
      if (error !== null) fail(describeEnd({ code: error.code ?? null, signal: error.signal ?? null }, stderr))
      else if (stdout.trim() === 'ran') resolve({ kind: 'works' })
      else fail('it ended without a result')
    })
  })
}

interface ProcessEnd {
  /** The exit code, or Node's code for a program that could not be started. */
  readonly code: number | string | null
  readonly signal: string | null
}

/** Of what was printed the line that names the error, else the last one; and how the process ended, where that tells. */
export function describeEnd({ code, signal }: ProcessEnd, stderr: string): string {
  const lines = stderr.split('\n').filter((line) => line.trim() !== '')
  const named = (lines.find((line) => /^\s*(?:\w*Error\b|Uncaught)/.test(line)) ?? lines.at(-1))?.trim() ?? ''
  const ended = describeCode(code, signal)
  if (named === '') return ended
  return (signal === null ? named : `${ended}: ${named}`).slice(0, REASON_MAX_CHARACTERS)
}

/** bubblewrap passes on a signal as an exit code above 128. */
function describeCode(code: ProcessEnd['code'], signal: string | null): string {
  if (signal !== null) return `it was ended by ${signal}`
  if (typeof code === 'number' && code > 128) return `it was ended by signal ${code - 128}`
  return typeof code === 'number'
    ? `it ended with exit code ${code}`
    : `it could not be started (${code ?? 'no reason given'})`
}
