import type { ClockReason, GpuProcess, GpuReading, ReasonSeen, Spread } from '#contracts/environment.ts'
import { CLOCK_REASONS } from '#contracts/environment.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { GpuSample } from './parse-gpu-sample.ts'

/** A stretch in which one side worked, by the clock of the samples. */
export interface TimedBlock {
  readonly side: Side
  readonly startMs: number
  readonly endMs: number
}

export interface GpuSpan {
  readonly startMs: number
  readonly endMs: number
  /** Those of 5 ms are too short for a sample to be told from its neighbour's, so leave them out or not: they are not used. */
  readonly blocks: readonly TimedBlock[]
}

/**
 * The answer arrives this much later than nvidia-smi looked, at most as far as one can tell; a sample counts for a block
 * only when that had begun by then.
 */
const ANSWER_DELAY_MS = 100
/** A median of two says little about the one that is off. */
const SIDE_SAMPLES_MIN = 3

/**
 * What the samples of a span say. Counters need one sample before the span and one after it, so ask when those have come.
 *
 * @param samples in time order, also from around the span
 * @param problem why samples are missing, where the sampler knows
 */
export function summariseGpuSamples(
  samples: readonly GpuSample[],
  span: GpuSpan,
  problem: string | null
): Omit<GpuReading, 'processes'> {
  const inside = samples.filter(({ atMs }) => atMs >= span.startMs && atMs <= span.endMs)
  const around = withNeighbours(samples, span)
  return {
    samples: inside.length,
    problem: problem ?? (inside.length === 0 ? 'nvidia-smi gave no sample in this time' : null),
    smClockMHz: spread(inside.map(({ smClockMHz }) => smClockMHz)),
    sideSmClockMHz: {
      baseline: sideClock(inside, span.blocks, 'baseline'),
      candidate: sideClock(inside, span.blocks, 'candidate')
    },
    memoryClockMHz: spread(inside.map(({ memoryClockMHz }) => memoryClockMHz)),
    temperatureC: spread(inside.map(({ temperatureC }) => temperatureC)),
    powerW: spread(inside.map(({ powerW }) => powerW)),
    utilisationShare: spread(inside.map(({ utilisationShare }) => utilisationShare)),
    memoryUsedBytes: spread(inside.map(({ memoryUsedBytes }) => memoryUsedBytes)),
    reasons: listReasons(inside, around),
    eccErrors: countEccErrors(around)
  }
}

/** The samples of the span, the last one before it and the first one after it. */
function withNeighbours(samples: readonly GpuSample[], { startMs, endMs }: GpuSpan): GpuSample[] {
  const first = samples.findLastIndex(({ atMs }) => atMs < startMs)
  const last = samples.findIndex(({ atMs }) => atMs > endMs)
  return samples.slice(Math.max(0, first), last === -1 ? undefined : last + 1)
}

function sideClock(samples: readonly GpuSample[], blocks: readonly TimedBlock[], side: Side): number | null {
  const clocks = samples
    .filter(({ atMs }) =>
      blocks.some((block) => block.side === side && atMs - ANSWER_DELAY_MS >= block.startMs && atMs <= block.endMs)
    )
    .map(({ smClockMHz }) => smClockMHz)
    .filter((clock) => clock !== null)
  return clocks.length < SIDE_SAMPLES_MIN ? null : (spread(clocks)?.median ?? null)
}

function spread(values: readonly (number | null)[]): Spread | null {
  const sorted = values.filter((value) => value !== null).toSorted((a, b) => a - b)
  const [lowest, highest] = [sorted[0], sorted.at(-1)]
  if (lowest === undefined || highest === undefined) return null
  const upper = sorted[Math.floor(sorted.length / 2)] ?? lowest
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? lowest
  return { lowest, median: (lower + upper) / 2, highest }
}

function listReasons(inside: readonly GpuSample[], around: readonly GpuSample[]): ReasonSeen[] {
  return CLOCK_REASONS.flatMap((reason): ReasonSeen[] => {
    const samples = inside.filter(({ reasons }) => reasons?.includes(reason) ?? false).length
    const activeUs = countActive(around, reason)
    return samples > 0 || (activeUs ?? 0) > 0 ? [{ reason, samples, activeUs }] : []
  })
}

/** By the driver's counter; null without one. It goes back to zero when the driver is loaded anew. */
function countActive(around: readonly GpuSample[], reason: ClockReason): number | null {
  const counts = around.map(({ activeUs }) => activeUs[reason]).filter((us) => us !== undefined)
  const [first, last] = [counts[0], counts.at(-1)]
  return first === undefined || last === undefined || counts.length < 2 ? null : Math.max(0, last - first)
}

function countEccErrors(around: readonly GpuSample[]): GpuReading['eccErrors'] {
  const counts = around.map(({ eccErrors }) => eccErrors).filter((errors) => errors !== null)
  const [first, last] = [counts[0], counts.at(-1)]
  if (first === undefined || last === undefined || counts.length < 2) return null
  return {
    corrected: Math.max(0, last.corrected - first.corrected),
    uncorrected: Math.max(0, last.uncorrected - first.uncorrected)
  }
}

/** Whose processes are on the GPU. `pids`: all processes of each side, children included. */
export function nameOwners(
  listed: readonly { readonly pid: number; readonly name: string; readonly memoryBytes: number | null }[],
  pids: Readonly<Record<Side, readonly number[]>>
): GpuProcess[] {
  const ownerOf = (pid: number) => SIDES.find((side) => pids[side].includes(pid))
  const seesOurs = listed.some(({ pid }) => ownerOf(pid) !== undefined)
  return listed.map(({ pid, name, memoryBytes }) => {
    // In a PID namespace of our own the driver's numbers are not ours, and may be those of another process by chance.
    return { pid, name, memoryBytes, owner: ownerOf(pid) ?? (seesOurs ? 'foreign' : 'unknown') }
  })
}
