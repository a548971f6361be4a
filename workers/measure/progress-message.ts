import { MS_PER_S } from '#contracts/units.ts'
import { median } from '#stats/quantile.ts'

const SECONDS_PER_MINUTE = 60

/** Leaves room for the rest of the sentence in the 500 characters of a progress message. */
const MAX_CASE_ID_LENGTH = 300

export interface CaseSoFar {
  readonly id: string
  /** p50 of the candidate over p50 of the baseline, one per round. A rough figure; the verdict is judged elsewhere. */
  readonly p50Ratios: readonly number[]
}

/** Rounds so far, and what they say about those that are left. */
export interface RoundsSoFar {
  readonly done: number
  readonly max: number
  /** What a round with the cases that are still open takes; null when no more are measured. */
  readonly nextRoundMs: number | null
  /** Whether a look may end the run before the last round. */
  readonly mayStopEarly: boolean
  /** Cases that are not settled. */
  readonly openCases: number
}

/** Before the first look the rounds that follow are certain, and a forecast would only be too high. */
const FORECAST_FROM_ROUND = 6

/**
 * One sentence after each round, about the case whose p50 has moved most, and how long the rest takes:
 * `round 7 of at most 24, 3 of 10 cases still open, vad/default/single_stream: p50 +2.1 % so far (the largest change of 10
 * cases), at most 40 s more`.
 */
export function progressMessage(rounds: RoundsSoFar, cases: readonly CaseSoFar[]): string {
  const round = `round ${rounds.done} of at most ${rounds.max}`
  return [round + countOpen(rounds, cases.length) + largestChange(cases), ...forecast(rounds)].join(', ')
}

/** Nothing while all are open, and nothing when it is over. */
function countOpen({ openCases }: RoundsSoFar, caseCount: number): string {
  return openCases === 0 || openCases === caseCount ? '' : `, ${openCases} of ${caseCount} cases still open`
}

function largestChange(cases: readonly CaseSoFar[]): string {
  const changes = cases
    .map(({ id, p50Ratios }) => ({ id, change: median(p50Ratios) - 1 }))
    .filter(({ change }) => Number.isFinite(change))
    .sort((left, right) => Math.abs(right.change) - Math.abs(left.change))
  const [largest] = changes
  if (largest === undefined) return ''
  const id = largest.id.length > MAX_CASE_ID_LENGTH ? `${largest.id.slice(0, MAX_CASE_ID_LENGTH)}…` : largest.id
  const percent = (100 * largest.change).toFixed(1)
  const sign = largest.change >= 0 ? '+' : ''
  const others = changes.length > 1 ? ` (the largest change of ${changes.length} cases)` : ''
  return `, ${id}: p50 ${sign}${percent} % so far${others}`
}

/** As many rounds as are left, each as long as the next one. */
function forecast({ done, max, nextRoundMs, mayStopEarly }: RoundsSoFar): readonly string[] {
  if (nextRoundMs === null || done < FORECAST_FROM_ROUND || done >= max) return []
  return [`${mayStopEarly ? 'at most' : 'about'} ${formatDuration(nextRoundMs * (max - done))} more`]
}

function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / MS_PER_S))
  return seconds < 2 * SECONDS_PER_MINUTE ? `${seconds} s` : `${Math.round(seconds / SECONDS_PER_MINUTE)} min`
}
