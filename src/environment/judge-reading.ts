import type { ClockReason, EnvironmentReading, GpuProcess, GpuReading, ReasonSeen } from '#contracts/environment.ts'
import type { GateLimits } from './gate-limits.ts'

/** Something that does not stop a round from counting, and that its reader should know. */
export type Caution =
  | { readonly kind: 'steal'; readonly share: number }
  | { readonly kind: 'throttled'; readonly share: number; readonly throttledUs: number }
  /** The GPU was held at its power limit, which is how many of them run. `activeUs` is null on drivers that do not count. */
  | { readonly kind: 'power_cap'; readonly samples: number; readonly activeUs: number | null }
  | { readonly kind: 'ecc_errors'; readonly corrected: number; readonly uncorrected: number }
  /** No sample, so that nothing is known about slowdowns. */
  | { readonly kind: 'gpu_unwatched'; readonly problem: string }
  /** Processes on a GPU that is cut up: whether on our slice or another, the driver does not say. */
  | { readonly kind: 'mig_neighbours'; readonly processes: readonly GpuProcess[] }

export type DiscardReason =
  | { readonly kind: 'gpu_slowdown'; readonly reasons: readonly ReasonSeen[] }
  | { readonly kind: 'clock_gap'; readonly gap: ClockGap }

export interface ClockGap {
  readonly baselineMHz: number
  readonly candidateMHz: number
  /** The higher clock over the lower one, minus 1. */
  readonly ratio: number
}

/** What a reading says about the case and round that it belongs to. */
export type ReadingVerdict =
  | { readonly kind: 'keep'; readonly cautions: readonly Caution[] }
  /** The numbers are of a GPU that protected itself. */
  | { readonly kind: 'discard'; readonly reason: DiscardReason }
  /** The sides met different clocks; counts as discarded when it cannot be measured again. */
  | { readonly kind: 'measure_again'; readonly gap: ClockGap }
  /** Somebody else computes on this GPU. */
  | { readonly kind: 'refuse'; readonly processes: readonly GpuProcess[] }

/** `hw_slowdown` is what thermal and power brake have in common, and all that some drivers tell of them. */
export const SLOWDOWNS: readonly ClockReason[] = ['hw_slowdown', 'sw_thermal', 'hw_thermal', 'hw_power_brake']

/** The side processes: with more than these on the GPU, one is not ours, whatever their numbers are. */
const OUR_PROCESSES = 2

/** @param migEnabled whether the GPU is cut up, from its identity */
export function judgeReading(reading: EnvironmentReading, migEnabled: boolean, limits: GateLimits): ReadingVerdict {
  const { gpu } = reading
  if (gpu !== null) {
    const strangers = listStrangers(gpu.processes ?? [])
    if (strangers.length > 0 && !migEnabled) return { kind: 'refuse', processes: strangers }
    const reasons = gpu.reasons.filter(({ reason }) => SLOWDOWNS.includes(reason))
    if (reasons.length > 0) return { kind: 'discard', reason: { kind: 'gpu_slowdown', reasons } }
    const gap = findClockGap(gpu, limits.smClockGapMax)
    if (gap !== null) return { kind: 'measure_again', gap }
  }
  return { kind: 'keep', cautions: [...cautionHost(reading, limits), ...cautionGpu(gpu, migEnabled)] }
}

/**
 * Processes that are not ours. Where the driver's process numbers are of another namespace none can be told from ours; then
 * those are strangers that are more than we are, and the biggest are taken for ours.
 */
function listStrangers(processes: readonly GpuProcess[]): GpuProcess[] {
  const unknown = processes
    .filter(({ owner }) => owner === 'unknown')
    .toSorted((a, b) => (b.memoryBytes ?? 0) - (a.memoryBytes ?? 0))
  return [...processes.filter(({ owner }) => owner === 'foreign'), ...unknown.slice(OUR_PROCESSES)]
}

function findClockGap({ sideSmClockMHz }: GpuReading, gapMax: number): ClockGap | null {
  const { baseline, candidate } = sideSmClockMHz
  if (baseline === null || candidate === null || Math.min(baseline, candidate) <= 0) return null
  const [low, high] = [Math.min(baseline, candidate), Math.max(baseline, candidate)]
  return high > low * (1 + gapMax) ? { baselineMHz: baseline, candidateMHz: candidate, ratio: high / low - 1 } : null
}

function cautionHost({ host }: EnvironmentReading, limits: GateLimits): Caution[] {
  const cautions: Caution[] = []
  const steal = host.stealShare ?? 0
  if (steal > limits.stealShareMax) cautions.push({ kind: 'steal', share: steal })
  const { periods, throttledPeriods, throttledUs } = host.throttling ?? {
    periods: 0,
    throttledPeriods: 0,
    throttledUs: 0
  }
  const share = periods === 0 ? 0 : Math.min(1, throttledPeriods / periods)
  if (share > limits.throttledShareMax) cautions.push({ kind: 'throttled', share, throttledUs })
  return cautions
}

function cautionGpu(gpu: GpuReading | null, migEnabled: boolean): Caution[] {
  if (gpu === null) return []
  const cautions: Caution[] = []
  const capped = gpu.reasons.find(({ reason }) => reason === 'sw_power_cap')
  if (capped !== undefined) cautions.push({ kind: 'power_cap', samples: capped.samples, activeUs: capped.activeUs })
  const { corrected, uncorrected } = gpu.eccErrors ?? { corrected: 0, uncorrected: 0 }
  if (corrected + uncorrected > 0) cautions.push({ kind: 'ecc_errors', corrected, uncorrected })
  if (gpu.samples === 0) cautions.push({ kind: 'gpu_unwatched', problem: gpu.problem ?? 'no sample' })
  const neighbours = migEnabled ? listStrangers(gpu.processes ?? []) : []
  if (neighbours.length > 0) cautions.push({ kind: 'mig_neighbours', processes: neighbours })
  return cautions
}
