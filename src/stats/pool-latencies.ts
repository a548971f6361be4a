import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import { NS_PER_S } from '#contracts/units.ts'
import { quantileOfSorted } from './quantile.ts'
import { quantileInterval } from './quantile-interval.ts'

/** A pooled quantile with its distribution-free 95 % interval; null when there are too few requests for one. */
export interface PooledQuantile {
  readonly levelNs: number
  readonly intervalNs: readonly [low: number, high: number] | null
}

/** All successful requests of one side together, for display only. Verdicts come from the paired rounds. */
export interface PooledSide {
  readonly p50: PooledQuantile
  readonly p95: PooledQuantile
  readonly p99: PooledQuantile
  /** Requests per second of request time: 1 / mean latency, the same quantity that is tested. */
  readonly throughputPerS: number
}

/** @returns null when the side has no successful request */
export function poolLatencies(blocks: readonly Block[], side: Side): PooledSide | null {
  const blocksOfSide = blocks.filter((block) => block.side === side)
  const count = blocksOfSide.reduce((sum, block) => sum + block.latenciesNs.length, 0)
  if (count === 0) return null
  const sorted = new Float64Array(count)
  let offset = 0
  for (const block of blocksOfSide) {
    sorted.set(block.latenciesNs, offset)
    offset += block.latenciesNs.length
  }
  sorted.sort()
  let sumNs = 0
  for (const latencyNs of sorted) sumNs += latencyNs
  return {
    p50: describeQuantile(sorted, 0.5),
    p95: describeQuantile(sorted, 0.95),
    p99: describeQuantile(sorted, 0.99),
    throughputPerS: (NS_PER_S * count) / sumNs
  }
}

function describeQuantile(sorted: Float64Array, probability: number): PooledQuantile {
  return { levelNs: quantileOfSorted(sorted, probability), intervalNs: quantileInterval(sorted, probability) }
}
