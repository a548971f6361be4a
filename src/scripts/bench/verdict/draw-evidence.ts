import { MAX_PLANNED_ROUNDS } from '#contracts/decision-design.ts'
import { type Evidence, evidenceOfLaunches, evidenceOfRuns, type Feed } from './evidence.ts'
import type { RecordedCase, RecordedLaunch } from './recorded-launch.ts'

/** Tailgate's most rounds; rules that can use more data get as much. */
export const MAX_ROUNDS = MAX_PLANNED_ROUNDS

/** Runs of the candidate that a rule with a history may wait for: Perfherder's fore window. */
const MAX_FOLLOWING_RUNS = 12

/** Bencher's example keeps 64. */
const MAX_HISTORY = 64

/** One draw: what is picked depends on the case, the feed, the number of the draw and the random numbers only. */
export function drawEvidence(recorded: RecordedCase, feed: Feed, draw: number, random: () => number): Evidence {
  switch (feed) {
    case 'interleaved':
      return evidenceOfLaunches(drawLaunches(recorded, random))
    case 'sequential':
      return drawStretches(recorded, draw, random)
    case 'history':
      return drawHistory(recorded, draw, random)
    default:
      return feed satisfies never
  }
}

/**
 * How many draws there are that use other launches. Stretches are not mixed: that they stay in time order is what makes them
 * sequential.
 */
export function countDistinctDraws(recorded: RecordedCase, feed: Feed): number {
  switch (feed) {
    case 'interleaved':
      return Number.POSITIVE_INFINITY
    case 'sequential':
      return 2 * recorded.launches.length
    case 'history':
      return recorded.launches.length
    default:
      return feed satisfies never
  }
}

/** How often stretches of identical code are drawn again with their sides called otherwise. */
const LABELLINGS = 10

/** Draws of one case and feed: all there are where there are fewer than asked for. */
export function countDraws(recorded: RecordedCase, feed: Feed, wanted: number): number {
  const labellings = recorded.effect.kind === 'identical' ? LABELLINGS : 1
  return Math.min(wanted, labellings * countDistinctDraws(recorded, feed))
}

/** Launches with replacement. */
export function drawLaunches(recorded: RecordedCase, random: () => number): readonly RecordedLaunch[] {
  return Array.from({ length: MAX_ROUNDS }, () => {
    return pickLaunch(recorded, Math.floor(random() * recorded.launches.length), random)
  })
}

/** Two neighbouring stretches of launches, as if recorded in a ring; which side comes first alternates. */
function drawStretches(recorded: RecordedCase, draw: number, random: () => number): Evidence {
  const count = recorded.launches.length
  const length = Math.min(MAX_ROUNDS, Math.floor(count / 2))
  const first = takeStretch(recorded, draw, length, random)
  const second = takeStretch(recorded, draw + length, length, random)
  const [baseline, candidate] = Math.floor(draw / count) % 2 === 0 ? [first, second] : [second, first]
  return evidenceOfRuns(
    baseline.map((launch) => launch.baseline),
    candidate.map((launch) => launch.candidate)
  )
}

/** The candidate's stretch follows the baseline's; together they are at most all the launches. */
function drawHistory(recorded: RecordedCase, draw: number, random: () => number): Evidence {
  const count = recorded.launches.length
  const following = Math.min(MAX_FOLLOWING_RUNS, Math.floor(count / 2))
  const stored = Math.min(MAX_HISTORY, count - following)
  const candidate = takeStretch(recorded, draw, following, random)
  const baseline = takeStretch(recorded, draw + count - stored, stored, random)
  return evidenceOfRuns(
    baseline.map((launch) => launch.baseline),
    candidate.map((launch) => launch.candidate)
  )
}

function takeStretch(recorded: RecordedCase, start: number, length: number, random: () => number) {
  const count = recorded.launches.length
  return Array.from({ length }, (_, index) => pickLaunch(recorded, (start + index) % count, random))
}

/** Identical code has no baseline: which side is called so is drawn for every launch. */
function pickLaunch(recorded: RecordedCase, index: number, random: () => number): RecordedLaunch {
  const swaps = recorded.effect.kind === 'identical' && random() < 0.5
  const launch = (swaps ? recorded.swappedLaunches : recorded.launches)[index]
  if (launch === undefined) throw new RangeError(`case ${recorded.id} has no launch at position ${index}`)
  return launch
}
