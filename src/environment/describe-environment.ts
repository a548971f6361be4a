import type { ClockReason, GpuProcess, ReasonSeen } from '#contracts/environment.ts'
import { US_PER_MS } from '#contracts/units.ts'
import type {
  CaseEnvironmentOutcome,
  CautionCount,
  DiscardedRound,
  InconclusiveReason
} from './judge-case-environment.ts'
import type { Caution, DiscardReason } from './judge-reading.ts'

const PROCESSES_NAMED_MAX = 3

const REASON_NAMES: Readonly<Record<ClockReason, string>> = {
  gpu_idle: 'idle',
  applications_clocks: 'application clocks',
  sw_power_cap: 'power limit',
  hw_slowdown: 'hardware slowdown',
  sync_boost: 'clocks held equal with other GPUs',
  sw_thermal: 'software heat limit',
  hw_thermal: 'hardware heat limit',
  hw_power_brake: 'power brake',
  display_clocks: 'display clocks',
  other: 'another reason'
}

export function nameClockReason(reason: ClockReason): string {
  return REASON_NAMES[reason]
}

/**
 * What was thrown away and why, and what a reader should know, as sentences. Empty when there is nothing to say. Names of
 * processes are other people's text: escape what comes out of here like everything that is not ours.
 */
export function describeCaseEnvironment(outcome: CaseEnvironmentOutcome): string[] {
  if (outcome.kind === 'refused') return [describeOccupants(outcome.processes)]
  const why = outcome.kind === 'inconclusive' ? [describeInconclusive(outcome.why, outcome.rounds)] : []
  const groups = Map.groupBy(outcome.discarded, ({ reason }) => reason.kind)
  const discarded = [...groups.values()].map((group) => describeDiscarded(group, outcome.rounds))
  return [...why, ...discarded, ...outcome.cautions.map((caution) => describeCaution(caution, outcome.rounds))]
}

function describeOccupants(processes: readonly GpuProcess[]): string {
  return `The GPU was not free: ${listProcesses(processes)}. What others compute there would have been measured too.`
}

function listProcesses(processes: readonly GpuProcess[]): string {
  const named = processes.slice(0, PROCESSES_NAMED_MAX).map(({ pid, name }) => `${name} (pid ${pid})`)
  const more = processes.length - named.length
  return more === 0 ? named.join(', ') : `${named.join(', ')} and ${more} more`
}

function describeInconclusive(why: InconclusiveReason, rounds: number): string {
  switch (why.kind) {
    case 'too_many_discarded':
      return `Inconclusive: ${why.discarded} of ${rounds} rounds had to be thrown away.`
    case 'steal':
      return `Inconclusive: in ${why.rounds} of ${rounds} rounds the machine’s host gave its time to others.`
    case 'throttled':
      return `Inconclusive: in ${why.rounds} of ${rounds} rounds the CPU quota stopped the processes.`
    default:
      return why satisfies never
  }
}

function describeDiscarded(group: readonly DiscardedRound[], rounds: number): string {
  const numbers = group.map(({ launch }) => launch + 1).join(', ')
  const which = group.length === 1 ? `Round ${numbers} of ${rounds} was` : `Rounds ${numbers} of ${rounds} were`
  const [first] = group
  return `${which} thrown away: ${first === undefined ? '' : describeReason(first.reason)}.`
}

function describeReason(reason: DiscardReason): string {
  switch (reason.kind) {
    case 'gpu_slowdown':
      return `the GPU slowed itself down (${reason.reasons.map(describeSeen).join('; ')})`
    case 'clock_gap': {
      const { baselineMHz, candidateMHz, ratio } = reason.gap
      return `the sides met different GPU clocks (baseline ${formatMHz(baselineMHz)}, candidate ${formatMHz(candidateMHz)}: ${formatShare(ratio)} apart)`
    }
    default:
      return reason satisfies never
  }
}

function describeSeen({ reason, samples, activeUs }: ReasonSeen): string {
  const inSamples = samples === 1 ? 'in 1 sample' : `in ${samples} samples`
  return `${nameClockReason(reason)}, ${activeUs === null ? inSamples : `for ${formatUs(activeUs)}`}`
}

function describeCaution({ rounds: count, worst }: CautionCount, rounds: number): string {
  return `${describeWorst(worst)} (${count === rounds ? 'every round' : `${count} of ${rounds} rounds`}).`
}

function describeWorst(caution: Caution): string {
  switch (caution.kind) {
    case 'steal':
      return `The machine’s host gave up to ${formatShare(caution.share)} of its time to others, from both sides alike`
    case 'throttled':
      return `The CPU quota stopped the processes in up to ${formatShare(caution.share)} of its periods, for ${formatUs(caution.throttledUs)} in all`
    case 'power_cap':
      return `The GPU ran at its power limit${caution.activeUs === null ? '' : `, for up to ${formatUs(caution.activeUs)}`}`
    case 'ecc_errors':
      return `The GPU’s memory had errors: ${caution.corrected} corrected, ${caution.uncorrected} not`
    case 'gpu_unwatched':
      return `The GPU could not be watched, so that slowdowns would not have been seen: ${caution.problem}`
    case 'mig_neighbours':
      return `Other slices of the GPU may have been in use: ${listProcesses(caution.processes)}`
    default:
      return caution satisfies never
  }
}

function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function formatMHz(clockMHz: number): string {
  return `${Math.round(clockMHz)} MHz`
}

function formatUs(us: number): string {
  return us < US_PER_MS ? `${Math.round(us)} µs` : `${Math.round(us / US_PER_MS)} ms`
}
