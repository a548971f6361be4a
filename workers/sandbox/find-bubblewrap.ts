import { execFile } from 'node:child_process'
import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { sandboxProbeArguments } from './side-command.ts'

const PROBE_TIMEOUT_MS = 10_000
const CANDIDATE_PATHS: readonly string[] = ['/usr/bin/bwrap', '/usr/local/bin/bwrap', '/bin/bwrap']
const TRUE_PROGRAM = '/usr/bin/true'

export type BubblewrapProbe =
  | { readonly kind: 'usable'; readonly path: string }
  /** One or two sentences: why, and what to do. */
  | { readonly kind: 'unusable'; readonly reason: string }

export type ProbeBubblewrapOptions = {
  /** Where the program may be. Default: the system folders. */
  readonly candidatePaths?: readonly string[]
}

/** Path of a bubblewrap that really works on this machine, or null. */
export async function findBubblewrap(options: ProbeBubblewrapOptions = {}): Promise<string | null> {
  const probe = await probeBubblewrap(options)
  return probe.kind === 'usable' ? probe.path : null
}

/** Runs an empty program in the full sandbox: a present bubblewrap often cannot make namespaces inside a container. */
export async function probeBubblewrap(options: ProbeBubblewrapOptions = {}): Promise<BubblewrapProbe> {
  if (process.platform !== 'linux')
    return { kind: 'unusable', reason: 'bubblewrap needs Linux. Run the worker on Linux for isolation.' }
  const path = await findExecutable(options.candidatePaths ?? CANDIDATE_PATHS)
  if (path === null) {
    return {
      kind: 'unusable',
      reason: 'bubblewrap is not installed. Install the package "bubblewrap" (0.8 or newer) on the worker.'
    }
  }
  const failure = await runProbe(path)
  return failure === null ? { kind: 'usable', path } : { kind: 'unusable', reason: explainProbeFailure(path, failure) }
}

/** Says what a failed probe means. `output` is what bubblewrap printed. */
export function explainProbeFailure(path: string, output: string): string {
  const said = `${path} does not work here: ${output.replace(/\s+/g, ' ').trim().slice(0, 300) || 'it printed nothing'}.`
  if (/unknown option/i.test(output)) return `${said} Install bubblewrap 0.8 or newer.`
  if (/uid map|namespace|mount proc|\/proc|operation not permitted/i.test(output)) {
    return (
      `${said} Unprivileged user namespaces are not allowed: on Ubuntu 24.04 give bwrap an AppArmor profile; ` +
      'in a container allow them (for Docker: --security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined).'
    )
  }
  return said
}

async function findExecutable(paths: readonly string[]): Promise<string | null> {
  for (const path of paths) {
    const executable = await access(path, constants.X_OK).then(
      () => true,
      () => false
    )
    if (executable) return path
  }
  return null
}

/** What went wrong, or null when it worked. */
function runProbe(path: string): Promise<string | null> {
  return new Promise((resolve) => {
    execFile(
      path,
      sandboxProbeArguments(TRUE_PROGRAM),
      { env: {}, timeout: PROBE_TIMEOUT_MS, killSignal: 'SIGKILL' },
      (error, _stdout, stderr) => {
        resolve(error === null ? null : stderr || error.message)
      }
    )
  })
}
