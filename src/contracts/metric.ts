import { z } from 'zod'

/** What is compared, in the order of the tables. docs/statistics.md "Per round and metric". */
export const Metric = z.enum(['p50', 'throughput', 'p95', 'p99', 'slow_share'])
export type Metric = z.infer<typeof Metric>

export const METRICS: readonly Metric[] = Metric.options
