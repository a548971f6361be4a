import { mkdir, mkdtemp, realpath, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { EngineVersion } from '#contracts/session.ts'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import type { SideSandbox } from '#workers/sandbox/side-command.ts'
import type { EngineFailure } from './engine-failure.ts'
import { lockEngine } from './engine-lock.ts'
import { checkEngineRecord, touchEngine, writeEngineRecord } from './engine-record.ts'
import {
  type AllowedEngines,
  DEFAULT_ALLOWED_ENGINES,
  describeAllowedEngines,
  isAllowedEngine
} from './engine-versions.ts'
import { installEngine } from './install-engine.ts'
import { removeEngine, removeOldEngines, UNFINISHED_PREFIX } from './remove-old-engines.ts'
import type { Npm } from './run-npm.ts'
import { tryEngine, writeTrialModel } from './try-engine.ts'

const INSTALL_TIMEOUT_MS = 15 * MS_PER_MINUTE
const DEFAULT_KEEP = 5

export interface EngineCacheOptions {
  /** Engines are installed below it, each in a folder of its version; made when it does not exist. */
  readonly directory: string
  /** The worker's own onnxruntime-node; null where it cannot be told. */
  readonly ownVersion: string | null
  readonly sandbox: SideSandbox
  /** Default: from 1.22.0 on. */
  readonly allowed?: AllowedEngines
  readonly npm?: Npm
  /** How many engines stay on the disk, besides those of the last day. Default 5. */
  readonly keep?: number
  /** Of one installation. Default 15 minutes. */
  readonly timeoutMs?: number
  readonly now?: () => Date
}

export type ResolvedEngine =
  /** The worker's own: nothing to do. */
  | { readonly kind: 'own' }
  /** Absolute, without symbolic links: onnxruntime-node is in its `node_modules`. To be shown to the side read-only. */
  | { readonly kind: 'installed'; readonly version: EngineVersion; readonly directory: string }
  | { readonly kind: 'failed'; readonly failure: EngineFailure }

export interface EngineCache {
  /**
   * Finds a release of onnxruntime-node on this machine, installs it where it is not there yet or damaged, and tries it before
   * its first use. Null is the worker's own.
   *
   * @throws the signal's reason when it aborts
   */
  resolveEngine(this: void, version: EngineVersion | null, signal: AbortSignal): Promise<ResolvedEngine>
}

interface Context extends Required<Omit<EngineCacheOptions, 'ownVersion'>> {
  readonly tried: Set<EngineVersion>
}

/**
 * Keeps released versions of onnxruntime-node beside the worker's own. Which one a side gets is up to its pull request; so only
 * this one package, only releases, only those that the operator allows, and no script of a package.
 */
export function createEngineCache({ ownVersion, ...options }: EngineCacheOptions): EngineCache {
  const context: Context = {
    allowed: DEFAULT_ALLOWED_ENGINES,
    npm: {},
    keep: DEFAULT_KEEP,
    timeoutMs: INSTALL_TIMEOUT_MS,
    now: () => new Date(),
    ...options,
    tried: new Set()
  }
  return {
    resolveEngine: async (version, signal) => {
      if (version === null || version === ownVersion) return { kind: 'own' }
      if (!isAllowedEngine(version, context.allowed)) return notAllowed(version, context.allowed)
      return resolveInTime(context, version, signal)
    }
  }
}

async function resolveInTime(context: Context, version: EngineVersion, signal: AbortSignal): Promise<ResolvedEngine> {
  await mkdir(context.directory, { recursive: true })
  // Without symbolic links: what the sandbox shows is at the same path inside.
  const directory = await realpath(context.directory)
  const timeout = AbortSignal.timeout(context.timeoutMs)
  try {
    return await resolveInside({ ...context, directory }, version, AbortSignal.any([signal, timeout]))
  } catch (error) {
    if (signal.aborted) throw signal.reason
    if (!timeout.aborted) throw error
    return timedOut(version, context.timeoutMs)
  }
}

async function resolveInside(context: Context, version: EngineVersion, signal: AbortSignal): Promise<ResolvedEngine> {
  const found = await findInstalled(context, version, signal)
  if (found !== null) return found
  const unlock = await lockEngine(join(context.directory, version), signal, context.timeoutMs)
  try {
    // Whoever held the lock may have installed it.
    return (await findInstalled(context, version, signal)) ?? (await install(context, version, signal))
  } finally {
    unlock()
  }
}

/** An installation that is whole and starts; null where there is none, after removing one that does not. */
async function findInstalled(
  { directory, sandbox, tried, now }: Context,
  version: EngineVersion,
  signal: AbortSignal
): Promise<ResolvedEngine | null> {
  const engineDirectory = join(directory, version)
  const state = await checkEngineRecord(engineDirectory, version)
  if (state === 'absent') return null
  const isUsable =
    state === 'sound' &&
    (tried.has(version) || (await tryEngine({ sandbox, engineDirectory, version, signal })) === null)
  if (!isUsable) {
    await removeEngine(directory, version)
    return null
  }
  tried.add(version)
  await touchEngine(engineDirectory, now())
  return { kind: 'installed', version, directory: engineDirectory }
}

async function install(context: Context, version: EngineVersion, signal: AbortSignal): Promise<ResolvedEngine> {
  const { directory, npm, allowed, sandbox, keep, now, tried } = context
  const scratch = await mkdtemp(join(directory, UNFINISHED_PREFIX))
  const engineDirectory = join(scratch, version)
  const homeDirectory = join(scratch, 'home')
  try {
    await mkdir(engineDirectory)
    await mkdir(homeDirectory)
    const failure = await installEngine({ npm, version, directory: engineDirectory, homeDirectory, allowed, signal })
    if (failure !== null) return { kind: 'failed', failure }
    await writeTrialModel(engineDirectory)
    const problem = await tryEngine({ sandbox, engineDirectory, version, signal })
    if (problem !== null) return unusable(version, problem)
    await writeEngineRecord(engineDirectory, version)
    await moveInPlace(engineDirectory, join(directory, version))
    tried.add(version)
    await removeOldEngines({ directory, keep, now: now() })
    return { kind: 'installed', version, directory: join(directory, version) }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

/** One that another process has put there meanwhile is as good. */
async function moveInPlace(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error
  }
}

function notAllowed(version: EngineVersion, allowed: AllowedEngines): ResolvedEngine {
  return failed({
    code: 'engine_not_allowed',
    message: `onnxruntime-node ${version} is not allowed on this worker, which allows ${describeAllowedEngines(allowed)}.`,
    hint: "Name an allowed version, or let the worker's operator allow this one."
  })
}

function timedOut(version: EngineVersion, timeoutMs: number): ResolvedEngine {
  return failed({
    code: 'install_timed_out',
    message: `Installing onnxruntime-node ${version} took longer than ${timeoutMs / 1000} s.`,
    hint: "Check the worker's network and the address of its registry."
  })
}

function unusable(version: EngineVersion, problem: string): ResolvedEngine {
  return failed({
    code: 'engine_unusable',
    message: `onnxruntime-node ${version} was installed but does not work on this worker: ${problem}.`,
    hint: 'Name another version, or check what it needs of the system.'
  })
}

function failed(failure: EngineFailure): ResolvedEngine {
  return { kind: 'failed', failure }
}
