import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { median } from '#stats/quantile.ts'

const SECONDS_PER_MINUTE = 60

/** Leaves room for the rest of the sentence in the 500 characters of a progress message. */
const MAX_CASE_ID_LENGTH = 300

export interface CaseSoFar {
  readonly id: string
  /** Of {@link p50Ratio}, one per round. */
  readonly p50Ratios: readonly number[]
}

/** Rounds so far, and what they say about those that are left. */
export interface RoundsSoFar {
  readonly done: number
  readonly max: number
  /** Of the rounds done. */
  readonly elapsedMs: number
  /** Whether a look may end the run before the last round. */
  readonly mayStopEarly: boolean
}

/** Before the first look the rounds that follow are certain, and a forecast would only be too high. */
const FORECAST_FROM_ROUND = 6

/**
 * One sentence after each round, about the case whose p50 has moved most, and how long the rest takes:
 * `round 7 of at most 16, vad/default/single_stream: p50 +2.1 % so far, at most 40 s more`.
 */
export function progressMessage(rounds: RoundsSoFar, cases: readonly CaseSoFar[]): string {
  const round = `round ${rounds.done} of at most ${rounds.max}`
  return [round + largestChange(cases), ...forecast(rounds)].join(', ')
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

/** As many rounds as are left, each as long as the mean of those done. */
function forecast({ done, max, elapsedMs, mayStopEarly }: RoundsSoFar): readonly string[] {
  if (done < FORECAST_FROM_ROUND || done >= max) return []
  const leftMs = (elapsedMs / done) * (max - done)
  return [`${mayStopEarly ? 'at most' : 'about'} ${formatDuration(leftMs)} more`]
}

function formatDuration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / MS_PER_S))
  return seconds < 2 * SECONDS_PER_MINUTE ? `${seconds} s` : `${Math.round(seconds / SECONDS_PER_MINUTE)} min`
}

/** p50 of the candidate over p50 of the baseline in one round. A rough figure; the verdict is judged elsewhere. */
export function p50Ratio(blocks: readonly Block[]): number {
  const p50 = (side: Side) => median(blocks.filter((block) => block.side === side).flatMap(latenciesOf))
  return p50('candidate') / p50('baseline')
}

function latenciesOf({ latenciesNs }: Block): readonly number[] {
  return latenciesNs
}
