import type { EnvironmentReading, GpuReading } from '#contracts/environment.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import { compareHostCounters } from './compare-host-counters.ts'
import type { GpuSampler } from './gpu-sampler.ts'
import type { ListedProcess } from './parse-gpu-processes.ts'
import { findCgroupFolders } from './read-cgroup.ts'
import { readHostCounters } from './read-host-counters.ts'
import { nameOwners, summariseGpuSamples, type TimedBlock } from './summarise-gpu-samples.ts'

export interface WatchedGpu {
  readonly sampler: Pick<GpuSampler, 'samples' | 'problem'>
  /** Null when nvidia-smi does not tell. */
  readonly listProcesses: () => Promise<readonly ListedProcess[] | null>
}

export interface EnvironmentWatcherOptions {
  /** Null when the case runs on the processor. */
  readonly gpu: WatchedGpu | null
  /** Monotonic, and the same clock as the sampler's and the blocks'. */
  readonly nowMs: () => number
}

export interface SpanEnd {
  /** Long ones, of a tenth of a second and more; others tell nothing. Default: none. */
  readonly blocks?: readonly TimedBlock[]
  /** Of the side processes and all below them, from `ResourceReading.pids`. */
  readonly pids: Readonly<Record<Side, readonly number[]>>
}

/** One case of one round. */
export interface EnvironmentSpan {
  /** After the last block of the case, while both sides live. */
  readonly end: (options: SpanEnd) => Promise<void>
  /** After the round, when samples have come that were taken after the end. */
  readonly read: () => EnvironmentReading
}

/** Begins a span. Nothing happens until it is ended: no work is done between blocks. */
export type WatchEnvironment = () => Promise<EnvironmentSpan>

/** Watches the machine while cases are measured. The sampler is started and stopped by who made it. */
export async function createEnvironmentWatcher(options: EnvironmentWatcherOptions): Promise<WatchEnvironment> {
  const { gpu, nowMs } = options
  const cgroup = await findCgroupFolders()
  const readCounters = () => readHostCounters(nowMs(), cgroup)
  return async () => {
    const before = await readCounters()
    const startMs = nowMs()
    let finish: (() => EnvironmentReading) | null = null
    return {
      end: async ({ blocks = [], pids }) => {
        const endMs = nowMs()
        const host = compareHostCounters(before, await readCounters())
        const listed = gpu === null ? null : await gpu.listProcesses()
        const span = { startMs, endMs, blocks }
        finish = () => ({
          startMs,
          endMs,
          host,
          gpu: gpu === null ? null : { ...readSampler(gpu, span), processes: listed && ownProcesses(listed, pids) }
        })
      },
      read: () => {
        if (finish === null) throw new Error('The span must be ended before it is read.')
        return finish()
      }
    }
  }
}

function readSampler({ sampler }: WatchedGpu, span: Parameters<typeof summariseGpuSamples>[1]) {
  return summariseGpuSamples(sampler.samples(), span, sampler.problem())
}

const PROCESSES_SHOWN_MAX = 50

/** Foreign ones first, so that they are among those that are kept. */
function ownProcesses(
  listed: readonly ListedProcess[],
  pids: Readonly<Record<Side, readonly number[]>>
): NonNullable<GpuReading['processes']> {
  const named = nameOwners(listed, pids)
  const isOurs = (owner: string) => SIDES.some((side) => side === owner)
  return named.toSorted((a, b) => Number(isOurs(a.owner)) - Number(isOurs(b.owner))).slice(0, PROCESSES_SHOWN_MAX)
}

/** Memory of one side on the GPU; null where it cannot be told. */
export function sideGpuMemory(reading: EnvironmentReading, side: Side): number | null {
  const ours = reading.gpu?.processes?.filter(({ owner }) => owner === side) ?? []
  const known = ours.map(({ memoryBytes }) => memoryBytes).filter((bytes) => bytes !== null)
  return known.length === 0 ? null : known.reduce((sum, bytes) => sum + bytes, 0)
}
