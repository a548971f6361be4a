import { z } from 'zod'
import { Arrival, Percentile } from '#contracts/scenario.ts'
import { above, between, Id, TensorName, whole } from './field-types.ts'

const models = z
  .array(Id)
  .min(1)
  .max(100)
  .meta({ title: 'a list of model ids', description: 'Only these models. Without it, all of them.' })
  .optional()
const instances = whole(1, 64)
  .meta({ description: 'Sessions that work at the same time, each in a thread of its own.' })
  .default(1)
const arrival = Arrival.meta({
  description: '`poisson`: at random, as independent users send them. `constant`: evenly spaced.'
}).default('poisson')
const rate = (description: string) => between(0.1, 100_000).meta({ description })

const ServerConfig = z.strictObject({
  rate: rate('Requests per second.'),
  arrival,
  instances,
  timeout_ms: between(0.1, 3_600_000)
    .meta({ description: 'A request that has waited so long is dropped, and counts as failed. Without it, none is.' })
    .optional(),
  max_queue: whole(1, 1_000_000)
    .meta({ description: 'Most requests that wait; the oldest is dropped for one more. Without it, any number.' })
    .optional(),
  models
})

const RampConfig = z.strictObject({
  from: rate('Requests per second of the first step.'),
  to: rate('Requests per second of the last step.'),
  steps: whole(3, 50).meta({ description: 'Steps between them, each as many times the one before.' }).default(8),
  slo: z
    .strictObject({
      percentile: Percentile.meta({ description: 'The percentile of latency that the objective is about.' }).default(
        'p99'
      ),
      latency_ms: above('a number of milliseconds').meta({ description: 'Its highest value.' })
    })
    .meta({ description: 'The latency objective that a rate must keep.' }),
  arrival,
  instances,
  models
})

const GenerateConfig = z.strictObject({
  prompt_tokens: whole(1, 100_000).meta({ description: 'Tokens of the prompt.' }).default(128),
  new_tokens: whole(2, 100_000)
    .meta({ description: 'Tokens that each request generates, end-of-sequence or not.' })
    .default(32),
  goodput: z
    .strictObject({
      ttft_ms: above('a number of milliseconds').meta({ description: 'Time to first token.' }),
      itl_ms: above('a number of milliseconds').meta({ description: 'Mean time between tokens.' })
    })
    .meta({ description: 'A request is good when it keeps both; the share of good ones is reported.' })
    .optional(),
  token_input: TensorName.meta({ description: 'The input that takes token ids. Without it, `input_ids`.' }).optional(),
  logits_output: TensorName.meta({ description: 'The output with the logits. Without it, `logits`.' }).optional(),
  models
})

/** Load patterns. docs/scenarios.md tells what each is for. */
export const ScenariosConfig = z.strictObject({
  single_stream: z
    .strictObject({ models })
    .meta({ description: 'One request at a time, the next one as soon as the last one is answered.' })
    .optional(),
  multi_stream: z
    .strictObject({
      samples_per_query: whole(1, 1024)
        .meta({ description: 'Samples of a query, which is answered when the last of them is.' })
        .default(8),
      instances,
      models
    })
    .meta({ description: 'One query of several samples at a time.' })
    .optional(),
  offline: z
    .strictObject({
      batch: whole(1, 4096).meta({ description: 'Inputs per request: multiplies the leading dimension.' }).default(8),
      models
    })
    .meta({ description: 'Whole batches back to back.' })
    .optional(),
  server: ServerConfig.meta({
    description: 'Requests arrive at a rate, however busy the instances are; latency counts from the arrival.'
  }).optional(),
  burst: z
    .strictObject({
      size: whole(1, 10_000).meta({ description: 'Requests that arrive at once.' }).default(16),
      every_ms: between(1, 600_000).meta({ description: 'Time from one burst to the next.' }).default(1000),
      instances,
      models
    })
    .meta({ description: 'Many requests at once, again and again.' })
    .optional(),
  ramp: RampConfig.meta({
    description: 'Rising rates: latency over load, the knee, and the highest rate that keeps the objective.'
  }).optional(),
  cold_start: z
    .strictObject({ models })
    .meta({ description: 'A fresh process each time, up to its first answer.' })
    .optional(),
  generate: GenerateConfig.meta({
    description: 'A decoder with a cache of keys and values writes token after token.'
  }).optional(),
  soak: z
    .strictObject({
      seconds: between(1, 3600).meta({ description: 'Length of each run, both sides together.' }).default(30),
      models
    })
    .meta({ description: 'Long steady runs: does memory grow, does latency drift?' })
    .optional()
})
export type ScenariosConfig = z.infer<typeof ScenariosConfig>
