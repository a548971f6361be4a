import { spawn } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { explainSmiFailure, type SmiFailure } from './explain-smi-failure.ts'

/** Where Kubernetes on Google's machines puts the driver: nothing there is known to the loader of libraries. */
const MOUNTED_DRIVER = '/usr/local/nvidia'

/** By absolute path, so that nothing on a PATH is started in its place: distributions, containers, WSL, NixOS. */
const CANDIDATE_PATHS: readonly string[] = [
  '/usr/bin/nvidia-smi',
  '/usr/local/bin/nvidia-smi',
  `${MOUNTED_DRIVER}/bin/nvidia-smi`,
  '/opt/bin/nvidia-smi',
  '/usr/lib/wsl/lib/nvidia-smi',
  '/run/current-system/sw/bin/nvidia-smi'
]

/** The first call after a pause sets the GPU up, which takes seconds without persistence mode. */
const TIMEOUT_MS = 20_000
const MAX_OUTPUT_CHARACTERS = 4 * 1024 ** 2

export type SmiAnswer = { readonly kind: 'answered'; readonly text: string } | SmiFailure

/** Asks nvidia-smi; an answer or why there is none, never an exception. */
export type AskSmi = (args: readonly string[]) => Promise<SmiAnswer>

/** Where nvidia-smi is; null on machines without NVIDIA's driver. */
export async function findNvidiaSmi(candidates: readonly string[] = CANDIDATE_PATHS): Promise<string | null> {
  for (const path of candidates) {
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false
    )
    if (executable) return path
  }
  return null
}

/** The whole environment of nvidia-smi: nothing of the worker's own. */
export function smiEnvironment(program: string): Record<string, string> {
  const isMounted = program.startsWith(`${MOUNTED_DRIVER}/`)
  return { LC_ALL: 'C', ...(isMounted ? { LD_LIBRARY_PATH: `${MOUNTED_DRIVER}/lib64` } : {}) }
}

/** @param program from {@link findNvidiaSmi}; with null every question is answered by `no_program` */
export function createAskSmi(program: string | null, timeoutMs: number = TIMEOUT_MS): AskSmi {
  if (program === null) return async () => ({ kind: 'no_program' })
  return (args) => runToEnd(program, args, timeoutMs)
}

function runToEnd(program: string, args: readonly string[], timeoutMs: number): Promise<SmiAnswer> {
  return new Promise((resolve) => {
    const child = spawn(program, args, { env: smiEnvironment(program), stdio: ['ignore', 'pipe', 'pipe'] })
    let text = ''
    let said = ''
    // Not `timeout` of spawn: a process that waits in the driver cannot be killed, and its end would be waited for.
    const timer = setTimeout(() => {
      child.kill('SIGKILL')
      child.stdout.destroy()
      child.stderr.destroy()
      child.unref()
      resolve({ kind: 'hangs', timeoutMs })
    }, timeoutMs)
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
      text = (text + chunk).slice(0, MAX_OUTPUT_CHARACTERS)
    })
    child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
      said = (said + chunk).slice(0, MAX_OUTPUT_CHARACTERS)
    })
    child.on('error', (error) => {
      clearTimeout(timer)
      resolve({ kind: 'fails', reason: error.message })
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      resolve(explainSmiFailure({ code, stdout: text, stderr: said }) ?? { kind: 'answered', text })
    })
  })
}
