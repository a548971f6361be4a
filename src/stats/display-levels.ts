import type { MeasuredCase } from '#contracts/measurements.ts'
import { DEFAULT_SCENARIO, METRIC_FACTS, type Metric } from '#contracts/metric.ts'
import type { ScenarioKind } from '#contracts/scenario.ts'
import { NS_PER_S } from '#contracts/units.ts'
import { punctualLaunches } from './drop-late-quads.ts'
import type { PerSide } from './paired-sample.ts'
import { type PooledSide, poolLatencies } from './pool-latencies.ts'
import type { RoundStatistics } from './summarise-rounds.ts'

/** The level of a side as the table shows it, in the metric's unit. Null where there is none. */
export interface DisplayedLevel {
  readonly level: number | null
  readonly interval: readonly [low: number, high: number] | null
}

type QuantileName = 'p50' | 'p95' | 'p99'

/** The metrics whose level is a quantile of all requests together, and whether these may be taken for independent. */
const POOLED: Readonly<Record<ScenarioKind, { readonly [metric in Metric]?: QuantileName }>> = {
  single_stream: { p50: 'p50', p95: 'p95', p99: 'p99' },
  multi_stream: { p50: 'p50', p95: 'p95', p99: 'p99' },
  offline: { p50: 'p50', p95: 'p95', p99: 'p99' },
  soak: { p50: 'p50', p95: 'p95', p99: 'p99' },
  server: { p50: 'p50', p95: 'p95', p99: 'p99' },
  burst: { p50: 'p50', p95: 'p95', p99: 'p99' },
  ramp: {},
  cold_start: { ready: 'p50' },
  generate: {}
}

/**
 * Levels for display. Verdicts come from the paired rounds, so their quotient may differ from the change beside them.
 *
 * @returns what to show of one metric
 */
export function displayLevels(
  measured: MeasuredCase,
  rounds: readonly RoundStatistics[]
): (metric: Metric) => PerSide<DisplayedLevel> {
  const { scenario = DEFAULT_SCENARIO } = measured
  const blocks = punctualLaunches(measured.blocks).flat()
  const pooled = { baseline: poolLatencies(blocks, 'baseline'), candidate: poolLatencies(blocks, 'candidate') }
  const isQueue = scenario === 'server' || scenario === 'burst'
  return (metric) => {
    const quantile = POOLED[scenario][metric]
    if (quantile !== undefined) {
      const show = (side: PooledSide | null) => pooledQuantile(side, quantile, !isQueue)
      return { baseline: show(pooled.baseline), candidate: show(pooled.candidate) }
    }
    if (metric === 'throughput' && !isQueue) {
      return { baseline: pooledThroughput(pooled.baseline), candidate: pooledThroughput(pooled.candidate) }
    }
    return { baseline: meanLevel(metric, rounds, 'baseline'), candidate: meanLevel(metric, rounds, 'candidate') }
  }
}

function pooledQuantile(pooled: PooledSide | null, name: QuantileName, withInterval: boolean): DisplayedLevel {
  if (pooled === null) return { level: null, interval: null }
  return { level: pooled[name].levelNs, interval: withInterval ? pooled[name].intervalNs : null }
}

function pooledThroughput(pooled: PooledSide | null): DisplayedLevel {
  const isInRange = pooled !== null && pooled.throughputPerS > 0 && Number.isFinite(pooled.throughputPerS)
  return { level: isInRange ? pooled.throughputPerS : null, interval: null }
}

/** Mean over the rounds: of the logarithms where changes are ratios. */
function meanLevel(metric: Metric, rounds: readonly RoundStatistics[], side: keyof PerSide<number>): DisplayedLevel {
  const levels = rounds.flatMap(({ effects }) => effects[metric]?.[side] ?? [])
  if (levels.length === 0) return { level: null, interval: null }
  const isRatio = METRIC_FACTS[metric].change === 'ratio'
  const mean = levels.reduce((sum, level) => sum + (isRatio ? Math.log(level) : level), 0) / levels.length
  const level = asLevel(metric, isRatio ? Math.exp(mean) : mean)
  return { level: Number.isFinite(level) ? level : null, interval: null }
}

/** From the level of a round to the metric's unit: rounds keep rates as nanoseconds, and goodput as what is missing from it. */
function asLevel(metric: Metric, level: number): number {
  const { better, change } = METRIC_FACTS[metric]
  if (better === 'lower') return level
  return change === 'ratio' ? NS_PER_S / level : 1 - level
}
