import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import type { RoundSlope } from './compare-windows.ts'
import { median } from './quantile.ts'
import { differenceEffect, type RoundEffects, ratioEffect, usable } from './round-effect.ts'
import { theilSenSlope } from './theil-sen-slope.ts'

/** Fewer readings of the second half have no slope worth testing. docs/statistics.md "Soak". */
const MIN_READINGS = 4
const REQUESTS_PER_UNIT = 1000

/** What a long run shows beyond its latencies. docs/statistics.md "Soak". */
export function compareSoak(
  blocks: readonly Block[],
  slope: RoundSlope | null
): Pick<RoundEffects, 'memory_growth' | 'latency_drift' | 'memory'> {
  const [baseline, candidate] = [settledReadings(blocks, 'baseline'), settledReadings(blocks, 'candidate')]
  const hasReadings = Math.min(baseline.length, candidate.length) >= MIN_READINGS
  const memoryOf = (readings: readonly MemoryReading[]) => median(readings.map(({ rssBytes }) => rssBytes))
  return {
    memory_growth: hasReadings ? usable(differenceEffect(growthOf(baseline), growthOf(candidate))) : null,
    latency_drift:
      slope === null ? null : { ...differenceEffect(slope.baseline, slope.candidate), slowdown: slope.ratio },
    memory: hasReadings ? usable(ratioEffect(memoryOf(baseline), memoryOf(candidate))) : null
  }
}

export interface MemoryReading {
  /** Requests that the process had answered. */
  readonly inferences: number
  readonly rssBytes: number
}

/** All readings of one side of one launch, in time order. */
export function memoryReadings(blocks: readonly Block[], side: Side): MemoryReading[] {
  return blocks.flatMap((block) => {
    if (block.side !== side) return []
    const rssBytes = block.series?.rssBytes ?? []
    return rssBytes.map((bytes, index) => ({ inferences: block.series?.inferences?.[index] ?? 0, rssBytes: bytes }))
  })
}

/** The second half: arenas and caches fill first. */
export function settledReadings(blocks: readonly Block[], side: Side): MemoryReading[] {
  const readings = memoryReadings(blocks, side)
  return readings.slice(Math.floor(readings.length / 2))
}

/** Bytes per thousand requests. NaN where no requests lie between the readings. */
export function growthOf(readings: readonly MemoryReading[]): number {
  const points = readings.map(({ inferences, rssBytes }) => ({ x: inferences, y: rssBytes }))
  return REQUESTS_PER_UNIT * theilSenSlope(points)
}
