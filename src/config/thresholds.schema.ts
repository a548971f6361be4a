import { z } from 'zod'
import { ByteAmount, Id, Percentage } from './field-types.ts'

const ratio = (description: string) => Percentage.meta({ description })

/** Every threshold with what it is a change of. Defaults are those of the judge, in words. */
const GENERAL = {
  p50: ratio('Smallest change of the median latency that matters.').prefault('2%'),
  throughput: ratio('Smallest change of the requests per second that matters.').prefault('2%'),
  p95: ratio('Smallest change of the 95th percentile of latency that matters.').prefault('5%'),
  p99: ratio('Smallest change of the 99th percentile of latency that matters.').prefault('10%'),
  slow_share: ratio(
    'Smallest change of the share of slow requests that matters, in percentage points: `1%` is one slow request more in a hundred.'
  ).prefault('1%'),
  sustained_rate: ratio(
    'Of `ramp`: smallest change that matters of the highest rate that keeps the objective.'
  ).prefault('10%'),
  ready: ratio('Of `cold_start`: smallest change of the time until the first answer that matters.').prefault('10%'),
  ttft: ratio('Of `generate`: smallest change of the time to the first token that matters.').prefault('5%'),
  itl: ratio('Of `generate`: smallest change of the time from token to token that matters.').prefault('3%'),
  tokens_per_s: ratio('Of `generate`: smallest change of the tokens per second that matters.').prefault('3%'),
  goodput: ratio(
    'Of `generate`: smallest change of the share of good requests that matters, in percentage points.'
  ).prefault('2%'),
  memory_growth: ByteAmount.meta({
    description: 'Of `soak`: smallest change that matters of what memory grows by in 1000 requests.'
  }).prefault('64KiB'),
  latency_drift: ratio(
    'Of `soak`: smallest change that matters of what latency grows by from start to end, in percentage points.'
  ).prefault('5%'),
  memory: ratio('Of `soak`: smallest change of the memory in use that matters.').prefault('5%')
}

export type ThresholdName = keyof typeof GENERAL

const own = Percentage.meta({ description: 'As above, for this model only.' }).optional()
const ownBytes = ByteAmount.meta({ description: 'As above, for this model only.' }).optional()

const ModelThresholds = z.strictObject({
  p50: own,
  throughput: own,
  p95: own,
  p99: own,
  slow_share: own,
  sustained_rate: own,
  ready: own,
  ttft: own,
  itl: own,
  tokens_per_s: own,
  goodput: own,
  memory_growth: ownBytes,
  latency_drift: own,
  memory: own
})

export const ThresholdsConfig = z.strictObject({
  ...GENERAL,
  models: z
    .record(Id, ModelThresholds)
    .meta({
      maxProperties: 100,
      description: 'Thresholds of single models, by model id; what is not given is taken from above.'
    })
    .default({})
})
export type ThresholdsConfig = z.infer<typeof ThresholdsConfig>
