import { z } from 'zod'
import { AccuracyMetric } from '#contracts/accuracy.ts'
import { EquivalenceMode } from '#contracts/outputs.ts'
import { above, between, Id, ModelPath, Percentage, TensorName, upTo, whole } from './field-types.ts'
import { Recorded } from './models.schema.ts'

const ms = (description: string) => upTo('a number of milliseconds', 3_600_000).meta({ description }).optional()
const perSecond = (description: string) => above('a number').meta({ description }).optional()
const latencies = {
  p50_ms: ms('Highest median latency.'),
  p95_ms: ms('Highest 95th percentile of latency.'),
  p99_ms: ms('Highest 99th percentile of latency.'),
  throughput_min: perSecond('Lowest throughput, in requests per second.')
}
const shared = {
  error_rate: Percentage.meta({
    description: 'Highest share of requests that fail, time out or are dropped.'
  }).optional(),
  memory_mb: above('a number of megabytes')
    .meta({
      description:
        'Highest peak of resident memory, in megabytes of 1,000,000 bytes. The process of a side holds all models of the run.'
    })
    .optional()
}
const Requests = z.strictObject({ ...latencies, ...shared })

/** Absolute limits of one model, by scenario. */
export const ModelBudgets = z.strictObject({
  single_stream: Requests.meta({ description: 'Limits of one request at a time.' }).optional(),
  multi_stream: Requests.meta({ description: 'Limits of queries of several samples.' }).optional(),
  offline: Requests.meta({ description: 'Limits of batches.' }).optional(),
  server: Requests.meta({ description: 'Limits under load; latency counts from the arrival.' }).optional(),
  burst: Requests.meta({ description: 'Limits of bursts; latency counts from the arrival.' }).optional(),
  ramp: z
    .strictObject({ sustained_rate_min: perSecond('Lowest rate at which the objective is kept.'), ...shared })
    .meta({ description: 'Limits of the ramp.' })
    .optional(),
  cold_start: z
    .strictObject({ ready_ms: ms('Longest time from the start of the process to its first answer.'), ...shared })
    .meta({ description: 'Limits of cold starts.' })
    .optional(),
  generate: z
    .strictObject({
      ttft_ms: ms('Longest time to the first token.'),
      itl_ms: ms('Longest time between tokens.'),
      tokens_per_second_min: perSecond('Fewest tokens per second.'),
      goodput_min: Percentage.meta({
        description: 'Least share of requests that keep both limits of `goodput` in the scenario.'
      }).optional(),
      ...shared
    })
    .meta({ description: 'Limits of a decoder.' })
    .optional(),
  soak: Requests.meta({ description: 'Limits of long runs.' }).optional()
})
export type ModelBudgets = z.infer<typeof ModelBudgets>

const Ratio = z.number().min(0).max(1)

const tolerance = {
  rtol: between(0, 1)
    .meta({ description: 'Difference that does not matter, as a ratio of the baseline’s value.' })
    .optional(),
  atol: between(0, 1_000_000)
    .meta({ description: 'Difference that does not matter, added to that of `rtol`.' })
    .optional(),
  max_mismatch: Percentage.meta({ description: 'Share of elements that may differ by more.' }).optional(),
  cosine_min: Ratio.meta({ description: 'Least cosine similarity of the whole output.' }).optional(),
  top1_min: Percentage.meta({ description: 'Least share of rows whose largest element is the same one.' }).optional()
}

export const EquivalenceConfig = z.strictObject({
  mode: EquivalenceMode.meta({
    description:
      '`block`: where outputs differ there is no verdict on speed, and the check fails. `report`: the difference is shown. `auto`: blocks where the model file is the same on both sides, else reports. `off`: outputs are not compared.'
  }).default('auto'),
  samples: whole(1, 1024).meta({ description: 'How many samples are compared.' }).default(16),
  ...tolerance,
  nan_inf: z
    .enum(['fail', 'allow'])
    .meta({ description: 'Whether outputs that are not finite, and are at the baseline, count as a difference.' })
    .default('fail'),
  tokens: z
    .strictObject({
      exact_prefix_min: Percentage.meta({
        description: 'Least share of the baseline’s tokens that both sides have in common from the start.'
      }).prefault('95%'),
      length_ratio: z
        .tuple([z.number().min(0).max(1000), z.number().min(0).max(1000)])
        .meta({
          title: 'a list of two numbers, such as [0.9, 1.1]',
          description: 'Least and most tokens of the candidate for one of the baseline.'
        })
        .default([0.9, 1.1])
    })
    .meta({ description: 'The rule for tokens, in the scenario `generate`.' })
    .prefault({}),
  outputs: z
    .record(TensorName, z.strictObject(tolerance))
    .meta({ maxProperties: 50, description: 'The same for single outputs, by name.' })
    .default({})
})
export type EquivalenceConfig = z.infer<typeof EquivalenceConfig>

export const AccuracyConfig = z.strictObject({
  samples: z.array(Recorded).min(1).max(1024).meta({
    description: 'Files with recorded samples, as under `inputs.recorded`. Taken from the baseline’s commit.'
  }),
  labels: ModelPath.meta({
    description: 'A JSON file with one label per sample, in their order. Taken from the same commit.'
  }),
  output: TensorName.meta({ description: 'The output that is scored. Without it, the only one.' }).optional(),
  metric: AccuracyMetric.meta({ description: 'How it is scored.' }).default('top1'),
  max_drop: Percentage.meta({
    description:
      'How much worse the candidate may be: percentage points of `top1` and `exact_match`, per cent of `mae` and `rmse`.'
  }).prefault('1%')
})
export type AccuracyConfig = z.infer<typeof AccuracyConfig>

export const CostConfig = z.strictObject({
  price_per_hour: upTo('a number', 1_000_000).meta({ description: 'What one hour of the machine costs.' }),
  currency: z
    .string()
    .regex(/^[A-Z]{3}$/)
    .meta({ title: 'a currency such as USD', description: 'In which currency.' })
    .default('USD')
})
export type CostConfig = z.infer<typeof CostConfig>

export const BudgetsConfig = z.record(Id, ModelBudgets)
export const AccuraciesConfig = z.record(Id, AccuracyConfig)
