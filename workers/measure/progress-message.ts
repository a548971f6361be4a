import type { Block } from '#contracts/measurements.ts'
import { median } from './median.ts'

/** Leaves room for the rest of the sentence in the 500 characters of a progress message. */
const MAX_CASE_ID_LENGTH = 300

export interface CaseSoFar {
  readonly id: string
  readonly blocks: readonly Block[]
}

/**
 * One sentence after each round, about the case whose p50 has moved most:
 * `round 4 of at most 16, vad/default/single_stream: p50 +2.1 % so far`.
 */
export function progressMessage(roundsDone: number, roundsMax: number, cases: readonly CaseSoFar[]): string {
  const round = `round ${roundsDone} of at most ${roundsMax}`
  const changes = cases
    .map(({ id, blocks }) => ({ id, change: p50Change(blocks) }))
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

/** Relative change of p50: the median over rounds of the ratio of medians. A rough figure; the verdict is judged elsewhere. */
function p50Change(blocks: readonly Block[]): number {
  const launches = new Map<number, { baseline: number[]; candidate: number[] }>()
  for (const block of blocks) {
    const launch = launches.get(block.launch) ?? { baseline: [], candidate: [] }
    launches.set(block.launch, launch)
    for (const latencyNs of block.latenciesNs) launch[block.side].push(latencyNs)
  }
  const ratios = [...launches.values()].map((launch) => median(launch.candidate) / median(launch.baseline))
  return median(ratios) - 1
}
