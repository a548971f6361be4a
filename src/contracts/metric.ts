import { z } from 'zod'
import type { ThresholdKey } from './measurements.ts'
import type { ScenarioKind } from './scenario.ts'

/** What is compared. docs/statistics.md "Per round and metric" and "Per scenario". */
export const Metric = z.enum([
  'p50',
  'throughput',
  'p95',
  'p99',
  'slow_share',
  'service_p50',
  'sustained_rate',
  'ready',
  'ttft',
  'itl',
  'tokens_per_s',
  'itl_p95',
  'goodput',
  'memory_growth',
  'latency_drift',
  'memory'
])
export type Metric = z.infer<typeof Metric>

export const METRICS: readonly Metric[] = Metric.options

export type MetricUnit = 'ns' | 'requests/s' | 'tokens/s' | 'share' | 'bytes' | 'bytes/1000 requests'

/** What a metric is, whatever it is measured on: reports need no other list. */
export interface MetricFacts {
  /** Head of a table row. */
  readonly label: string
  /** Subject of a sentence. */
  readonly subject: string
  /** Of the levels of both sides. */
  readonly unit: MetricUnit
  readonly better: 'lower' | 'higher'
  /** How a change is told: as a ratio, or in the unit itself, because the level may be zero. */
  readonly change: 'ratio' | 'difference'
  readonly threshold: ThresholdKey
}

const latency = (label: string, subject: string, threshold: ThresholdKey): MetricFacts => ({
  label,
  subject,
  unit: 'ns',
  better: 'lower',
  change: 'ratio',
  threshold
})

export const METRIC_FACTS: Readonly<Record<Metric, MetricFacts>> = {
  p50: latency('p50', 'p50', 'p50'),
  throughput: rate('throughput', 'throughput', 'requests/s', 'throughput'),
  p95: latency('p95', 'p95', 'p95'),
  p99: latency('p99', 'p99', 'p99'),
  slow_share: difference('slow requests', 'share of slow requests', 'share', 'slowShare'),
  service_p50: latency('service p50', 'p50 of the service time', 'p50'),
  sustained_rate: rate('rate at SLO', 'highest rate that keeps the latency objective', 'requests/s', 'sustainedRate'),
  ready: latency('ready', 'time until the first answer', 'ready'),
  ttft: latency('first token', 'time to the first token', 'ttft'),
  itl: latency('per token', 'time per token', 'itl'),
  tokens_per_s: rate('tokens/s', 'token rate', 'tokens/s', 'tokensPerS'),
  itl_p95: latency('per token p95', 'p95 of the time per token', 'p95'),
  goodput: { ...difference('goodput', 'share of good requests', 'share', 'goodput'), better: 'higher' },
  memory_growth: difference('memory growth', 'memory growth', 'bytes/1000 requests', 'memoryGrowth'),
  latency_drift: difference('latency drift', 'growth of the latency', 'share', 'latencyDrift'),
  memory: { ...latency('memory', 'memory', 'memory'), unit: 'bytes' }
}

function rate(label: string, subject: string, unit: MetricUnit, threshold: ThresholdKey): MetricFacts {
  return { label, subject, unit, better: 'higher', change: 'ratio', threshold }
}

function difference(label: string, subject: string, unit: MetricUnit, threshold: ThresholdKey): MetricFacts {
  return { label, subject, unit, better: 'lower', change: 'difference', threshold }
}

interface ScenarioMetrics {
  /**
   * Must be known before a case passes; the first one even where the others cannot be assessed. docs/statistics.md "Deciding".
   */
  readonly deciding: readonly [Metric, ...Metric[]]
  /** Can fail a case, never hold up a pass. */
  readonly others: readonly Metric[]
  /** Of the others: told only where they were recorded. */
  readonly optional: readonly Metric[]
}

const CLOSED_LOOP: ScenarioMetrics = {
  deciding: ['p50', 'throughput', 'p95'],
  others: ['p99', 'slow_share'],
  optional: []
}

const OPEN_LOOP: ScenarioMetrics = {
  deciding: ['p50', 'throughput', 'p95'],
  others: ['p99', 'service_p50'],
  optional: ['service_p50']
}

/** docs/statistics.md "Per scenario" says why each stands where it does. */
const SCENARIO_METRICS: Readonly<Record<ScenarioKind, ScenarioMetrics>> = {
  single_stream: CLOSED_LOOP,
  multi_stream: CLOSED_LOOP,
  offline: CLOSED_LOOP,
  server: OPEN_LOOP,
  burst: OPEN_LOOP,
  ramp: { deciding: ['sustained_rate'], others: ['p50'], optional: [] },
  cold_start: { deciding: ['ready'], others: [], optional: [] },
  generate: { deciding: ['ttft', 'itl', 'tokens_per_s'], others: ['itl_p95', 'goodput'], optional: ['goodput'] },
  soak: {
    ...CLOSED_LOOP,
    others: ['p99', 'slow_share', 'memory_growth', 'latency_drift', 'memory'],
    optional: ['memory_growth', 'latency_drift', 'memory']
  }
}

/** Blocks that do not say of what scenario they are: `tailgate.measurements/1` files of earlier versions. */
export const DEFAULT_SCENARIO: ScenarioKind = 'single_stream'

/** All metrics of a scenario in the order of {@link METRICS}. */
export function metricsOf(scenario: ScenarioKind = DEFAULT_SCENARIO): readonly Metric[] {
  const { deciding, others } = SCENARIO_METRICS[scenario]
  return METRICS.filter((metric) => deciding.includes(metric) || others.includes(metric))
}

/** Must be known before a case passes. */
export function decidingMetricsOf(scenario: ScenarioKind = DEFAULT_SCENARIO): readonly Metric[] {
  return SCENARIO_METRICS[scenario].deciding
}

/** Without this one nothing can be said of a case: where a report or a progress message has room for one number. */
export function leadMetricOf(scenario: ScenarioKind = DEFAULT_SCENARIO): Metric {
  return SCENARIO_METRICS[scenario].deciding[0]
}

/** Told only where it was recorded: a case without it is not short of anything. */
export function isOptional(metric: Metric, scenario: ScenarioKind = DEFAULT_SCENARIO): boolean {
  return SCENARIO_METRICS[scenario].optional.includes(metric)
}
