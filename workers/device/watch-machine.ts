import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EnvironmentIdentity, GpuIdentity } from '#contracts/environment.ts'
import type { Side } from '#contracts/identifiers.ts'
import { compareIdentities } from '#src/environment/compare-identities.ts'
import { DEFAULT_GATE_LIMITS } from '#src/environment/gate-limits.ts'
import { judgeReading } from '#src/environment/judge-reading.ts'
import { machineNowMs } from '#workers/load/load-clock.ts'
import type { MachineWatch } from '#workers/measure/machine-watch.ts'
import { type FoundDevices, type GpuDevice, readGpuIdentity } from './find-devices.ts'
import { SAMPLE_INTERVAL_MS } from './gpu-sampler.ts'
import { MachineChangedError } from './machine-changed-error.ts'
import type { ReadEngineIdentity } from './read-engine-identity.ts'
import { readIdentity } from './read-identity.ts'
import { createEnvironmentWatcher, type WatchEnvironment } from './watch-environment.ts'
import { type GpuWatch, watchGpu } from './watch-gpu.ts'

export interface MachineWatchOptions {
  readonly found: FoundDevices
  /** Those of {@link MachineWatchOptions.found} that the job measures on. */
  readonly gpus: readonly GpuDevice[]
  readonly readEngine: ReadEngineIdentity
}

/** Until it is stopped. */
export interface WatchedMachine extends MachineWatch {
  /** What the machine was at the first look; null before that. */
  readonly identity: () => EnvironmentIdentity | null
  /** Never throws. */
  readonly stop: () => Promise<void>
}

/** Watches the machine and the GPUs of one job. Stop it at the job's end, whatever happens. */
export async function watchMachine({ found, gpus, readEngine }: MachineWatchOptions): Promise<WatchedMachine> {
  const watches = new Map<string, GpuWatch>()
  if (found.kind === 'found') for (const gpu of gpus) watches.set(gpu.id, watchGpu(found, gpu, machineNowMs))
  const watchers = new Map<string | null, WatchEnvironment>([[null, await createWatcher(null)]])
  for (const [id, gpu] of watches) watchers.set(id, await createWatcher(gpu))
  const [watchHost] = watchers.values()
  const cutUp = new Set(gpus.filter(({ identity }) => identity.mig.enabled === true).map(({ id }) => id))
  let first: EnvironmentIdentity | null = null
  let firstEngines: string | null = null

  return {
    watch: (device) => {
      const watch = watchers.get(device?.id ?? null) ?? watchHost
      if (watch === undefined) throw new Error('The machine is not watched.')
      return watch()
    },
    // Two, because an answer may be late.
    settle: async () => {
      if (watches.size > 0) await sleep(2 * SAMPLE_INTERVAL_MS)
    },
    judge: (device, reading) => judgeReading(reading, cutUp.has(device?.id ?? ''), DEFAULT_GATE_LIMITS),
    checkIdentity: async (engines) => {
      const gpu = await readGpu(found, gpus)
      const now = await readIdentity({ engines: await readEngines(readEngine, engines), gpu })
      first ??= now
      const key = JSON.stringify(engines)
      firstEngines ??= key
      // Cases with other engines may be all that is left.
      const verdict = compareIdentities(first, key === firstEngines ? now : { ...now, engines: first.engines })
      if (verdict.kind === 'changed') throw new MachineChangedError(verdict.changes)
    },
    identity: () => first,
    stop: async () => {
      await Promise.all([...watches.values()].map((watch) => watch.stop()))
    }
  }
}

function createWatcher(gpu: GpuWatch | null): Promise<WatchEnvironment> {
  return createEnvironmentWatcher({ gpu, nowMs: machineNowMs })
}

/** Of a job on several GPUs, the first one. */
async function readGpu(found: FoundDevices, [gpu]: readonly GpuDevice[]): Promise<GpuIdentity | null> {
  return gpu === undefined ? null : readGpuIdentity(found, gpu.id)
}

async function readEngines(
  readEngine: ReadEngineIdentity,
  engines: Readonly<Record<Side, string | null>>
): Promise<EnvironmentIdentity['engines']> {
  const read = (folder: string | null) =>
    folder === null ? readEngine() : readEngine(join(folder, 'node_modules', 'onnxruntime-node'))
  return { baseline: await read(engines.baseline), candidate: await read(engines.candidate) }
}
