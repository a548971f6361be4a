import { dirname } from 'node:path'
import { type ProgramOutcome, runProgram } from '#workers/source/run-program.ts'

/** Where npm is looked for besides the folder of the running Node. */
const PROGRAM_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'
const STDOUT_MAX_CHARACTERS = 4 * 1024 ** 2

export interface Npm {
  /** A path, or a name. Default `npm`. */
  readonly npmPath?: string
  /** Where packages come from. Default: npm's own registry. */
  readonly registryUrl?: string
  /** Certificates to trust besides Node's own, as a file; where the registry is behind a company's own authority. */
  readonly caFile?: string | null
}

export const DEFAULT_REGISTRY_URL = 'https://registry.npmjs.org/'

export interface NpmCommand {
  readonly npm: Npm
  /** Its own arguments; those that harden it are added. */
  readonly args: readonly string[]
  readonly cwd: string
  /** An empty folder: cache, logs and settings of npm go there, and no others are read. */
  readonly homeDirectory: string
  readonly signal: AbortSignal
}

/**
 * Runs npm with nothing of the worker's: no environment, no settings of the user or the machine, no token, no cache that
 * somebody else filled. Scripts of packages never run.
 *
 * @throws the signal's reason when it was stopped
 */
export async function runNpm(command: NpmCommand): Promise<ProgramOutcome & { readonly stdout: string }> {
  let stdout = ''
  const outcome = await runProgram({
    program: command.npm.npmPath ?? 'npm',
    args: [...command.args, ...npmArguments(command)],
    env: npmEnvironment(command),
    cwd: command.cwd,
    signal: command.signal,
    onStdout: (chunk) => {
      if (stdout.length < STDOUT_MAX_CHARACTERS) stdout += chunk.toString('utf8')
    }
  })
  return { ...outcome, stdout }
}

function npmArguments({ npm, homeDirectory }: NpmCommand): readonly string[] {
  return [
    '--ignore-scripts',
    '--no-audit',
    '--no-fund',
    '--no-update-notifier',
    '--engine-strict',
    '--loglevel=error',
    `--userconfig=${homeDirectory}/no-user-npmrc`,
    `--globalconfig=${homeDirectory}/no-global-npmrc`,
    `--cache=${homeDirectory}/cache`,
    '--fetch-retries=2',
    '--fetch-retry-mintimeout=1000',
    '--fetch-retry-factor=2',
    '--fetch-retry-maxtimeout=5000',
    `--registry=${npm.registryUrl ?? DEFAULT_REGISTRY_URL}`
  ]
}

function npmEnvironment({ npm, homeDirectory }: NpmCommand): Readonly<Record<string, string>> {
  return {
    // npm is a script for the Node that it finds first: the one that will load the engine.
    PATH: `${dirname(process.execPath)}:${PROGRAM_PATH}`,
    HOME: homeDirectory,
    TMPDIR: homeDirectory,
    LC_ALL: 'C',
    ...(npm.caFile ? { NODE_EXTRA_CA_CERTS: npm.caFile } : {})
  }
}
