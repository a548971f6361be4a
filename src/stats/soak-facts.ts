import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { growthOf, memoryReadings, settledReadings } from './compare-soak.ts'
import { type LevelInterval, levelInterval } from './level-interval.ts'

/** The memory of one side over a long run. */
export interface SoakFacts {
  /** Most that was read in any launch; null without readings. */
  readonly peakBytes: number | null
  /** Bytes per thousand requests in the second half of each round, over the rounds; null for fewer than two. */
  readonly growth: LevelInterval | null
}

export function collectSoak(blocks: readonly Block[], side: Side): SoakFacts {
  const launches = [...Map.groupBy(blocks, ({ launch }) => launch).values()]
  const growths = launches.map((ofLaunch) => growthOf(settledReadings(ofLaunch, side))).filter(Number.isFinite)
  const readings = memoryReadings(blocks, side)
  return {
    peakBytes: readings.length === 0 ? null : readings.reduce((most, { rssBytes }) => Math.max(most, rssBytes), 0),
    growth: levelInterval(growths, 'linear')
  }
}
