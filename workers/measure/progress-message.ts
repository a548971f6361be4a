import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { median } from '#stats/quantile.ts'

/** Leaves room for the rest of the sentence in the 500 characters of a progress message. */
const MAX_CASE_ID_LENGTH = 300

export interface CaseSoFar {
  readonly id: string
  /** Of {@link p50Ratio}, one per round. */
  readonly p50Ratios: readonly number[]
}

/**
 * One sentence after each round, about the case whose p50 has moved most:
 * `round 4 of at most 16, vad/default/single_stream: p50 +2.1 % so far`.
 */
export function progressMessage(roundsDone: number, roundsMax: number, cases: readonly CaseSoFar[]): string {
  const round = `round ${roundsDone} of at most ${roundsMax}`
  const changes = cases
    .map(({ id, p50Ratios }) => ({ id, change: median(p50Ratios) - 1 }))
    .filter(({ change }) => Number.isFinite(change))
    .sort((left, right) => Math.abs(right.change) - Math.abs(left.change))
  const [largest] = changes
  if (largest === undefined) return round
  const id = largest.id.length > MAX_CASE_ID_LENGTH ? `${largest.id.slice(0, MAX_CASE_ID_LENGTH)}…` : largest.id
  const percent = (100 * largest.change).toFixed(1)
  const sign = largest.change >= 0 ? '+' : ''
  const others = changes.length > 1 ? ` (the largest change of ${changes.length} cases)` : ''
  return `${round}, ${id}: p50 ${sign}${percent} % so far${others}`
}

/** p50 of the candidate over p50 of the baseline in one round. A rough figure; the verdict is judged elsewhere. */
export function p50Ratio(blocks: readonly Block[]): number {
  const p50 = (side: Side) => median(blocks.filter((block) => block.side === side).flatMap(latenciesOf))
  return p50('candidate') / p50('baseline')
}

function latenciesOf({ latenciesNs }: Block): readonly number[] {
  return latenciesNs
}
