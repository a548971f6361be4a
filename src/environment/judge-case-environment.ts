import type { GpuProcess } from '#contracts/environment.ts'
import type { GateLimits } from './gate-limits.ts'
import type { Caution, DiscardReason, ReadingVerdict } from './judge-reading.ts'

/** The last reading of a case in each round. A round that was measured again has the verdict of the second time. */
export interface JudgedRound {
  readonly launch: number
  readonly verdict: ReadingVerdict
}

export interface DiscardedRound {
  readonly launch: number
  readonly reason: DiscardReason
}

/** A caution, in how many rounds it came, and the worst of them. */
export interface CautionCount {
  readonly rounds: number
  readonly worst: Caution
}

interface Findings {
  readonly rounds: number
  /** Rounds whose measurements must not be judged. */
  readonly discarded: readonly DiscardedRound[]
  readonly cautions: readonly CautionCount[]
}

export type CaseEnvironmentOutcome =
  | ({ readonly kind: 'usable' } & Findings)
  | ({ readonly kind: 'inconclusive'; readonly why: InconclusiveReason } & Findings)
  | { readonly kind: 'refused'; readonly processes: readonly GpuProcess[] }

export type InconclusiveReason =
  | { readonly kind: 'too_many_discarded'; readonly discarded: number }
  | { readonly kind: 'steal' | 'throttled'; readonly rounds: number }

/** What the environment was over all rounds of a case, and whether they may be judged. */
export function judgeCaseEnvironment(rounds: readonly JudgedRound[], limits: GateLimits): CaseEnvironmentOutcome {
  for (const { verdict } of rounds) {
    if (verdict.kind === 'refuse') return { kind: 'refused', processes: verdict.processes }
  }
  const discarded = rounds.flatMap(listDiscarded)
  const cautions = countCautions(rounds)
  const findings: Findings = { rounds: rounds.length, discarded, cautions }
  const badMax = rounds.length * limits.badRoundsMax
  if (discarded.length > badMax) {
    return { kind: 'inconclusive', why: { kind: 'too_many_discarded', discarded: discarded.length }, ...findings }
  }
  for (const { rounds: count, worst } of cautions) {
    if (isDecisive(worst, limits) && count > badMax) {
      return { kind: 'inconclusive', why: { kind: worst.kind, rounds: count }, ...findings }
    }
  }
  return { kind: 'usable', ...findings }
}

function listDiscarded({ launch, verdict }: JudgedRound): DiscardedRound[] {
  switch (verdict.kind) {
    case 'discard':
      return [{ launch, reason: verdict.reason }]
    case 'measure_again':
      return [{ launch, reason: { kind: 'clock_gap', gap: verdict.gap } }]
    case 'keep':
    case 'refuse':
      return []
    default:
      return verdict satisfies never
  }
}

function isDecisive(caution: Caution, limits: GateLimits): caution is Caution & { kind: 'steal' | 'throttled' } {
  if (caution.kind === 'steal') return limits.onSteal === 'inconclusive'
  return caution.kind === 'throttled' && limits.onThrottling === 'inconclusive'
}

function countCautions(rounds: readonly JudgedRound[]): CautionCount[] {
  const all = rounds.flatMap(({ verdict }) => (verdict.kind === 'keep' ? verdict.cautions : []))
  return [...Map.groupBy(all, ({ kind }) => kind).values()].flatMap((group) => {
    const [worst] = group.toSorted((a, b) => severity(b) - severity(a))
    return worst === undefined ? [] : [{ rounds: group.length, worst }]
  })
}

/** Compares cautions of one kind. */
function severity(caution: Caution): number {
  switch (caution.kind) {
    case 'steal':
    case 'throttled':
      return caution.share
    case 'power_cap':
      return caution.activeUs ?? caution.samples
    case 'ecc_errors':
      return caution.corrected + caution.uncorrected
    case 'gpu_unwatched':
      return 0
    case 'mig_neighbours':
      return caution.processes.length
    default:
      return caution satisfies never
  }
}
