import { z } from 'zod'
import { FIRST_LOOK, MAX_PLANNED_ROUNDS, MAX_ROUNDS } from '#contracts/decision-design.ts'
import { RepositoryPath } from '#contracts/identifiers.ts'
import { SessionSpec } from '#contracts/session.ts'

/** Ids become parts of case ids, table cells and headings, so they stay plain. */
const Id = z
  .string()
  .max(63)
  .regex(/^[a-z0-9][a-z0-9_-]*$/)
  .meta({ title: 'an id (lower-case letters, digits, "_" and "-", at most 63 characters)' })

/** Names of a model's own inputs and dimensions: whatever the model calls them, on one line. */
const TensorName = z
  .string()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u)
  .meta({ title: 'the name of a model input or dimension (at most 200 characters, no control characters)' })

/**
 * Written `2%`, read as the ratio 0.02. A bare number is refused: `2` could mean 2 % or a doubling.
 * The decimal exponent keeps `0.7%` exactly 0.007, which dividing by 100 would not.
 */
const Percentage = z
  .string()
  .max(12)
  .regex(/^\d+(?:\.\d+)?%$/)
  .meta({ title: 'a percentage such as 2%' })
  .transform((text) => Number(`${text.slice(0, -1)}e-2`))

const PathGlob = z
  .string()
  .min(1)
  .max(200)
  .regex(/^(?![!/])[^()[\]{}\\\p{Cc}]+$/u)
  .meta({
    title: 'a glob such as src/**/*.py (made of "**", "*" and "?", relative to the repository, no "!" or "/" in front)'
  })

const ModelPath = RepositoryPath.meta({ title: 'a relative path inside the repository, such as models/detector.onnx' })

const whole = (min: number, max: number) => z.int().min(min).max(max)

export const InputsConfig = z.strictObject({
  dims: z
    .record(TensorName, whole(1, 1_000_000))
    .meta({ maxProperties: 50, description: 'Sizes of named dynamic dimensions. Those that are not listed are 1.' })
    .default({}),
  values: z
    .record(TensorName, z.number())
    .meta({
      maxProperties: 50,
      description:
        'One number for every element of an input. Without it, floats are drawn from a standard normal distribution and all other types are zero.'
    })
    .default({}),
  shapes: z
    .record(TensorName, z.array(whole(0, 1_000_000)).max(8))
    .meta({
      maxProperties: 50,
      description:
        "Full shape of an input, in place of the model's own. At most 67,108,864 elements, as for every input."
    })
    .default({}),
  seed: whole(0, 4_294_967_295)
    .meta({ description: 'Seed of the generated inputs. Both sides get the same values.' })
    .default(1)
})
export type InputsConfig = z.infer<typeof InputsConfig>

export const ModelConfig = z.strictObject({
  path: ModelPath.meta({ description: 'The ONNX file.' }),
  session: z
    .union([Id, z.array(Id).min(1).max(20)])
    .meta({
      title: 'a session id or a list of session ids',
      description: 'The session, or list of sessions, that the model is measured with.'
    })
    .default('default'),
  inputs: InputsConfig.meta({
    description: "How the model's inputs are made. Whatever is not given is inferred from the model."
  }).prefault({})
})
export type ModelConfig = z.infer<typeof ModelConfig>

export const SessionConfig = z.strictObject({
  execution_provider: SessionSpec.shape.executionProvider
    .meta({ description: 'The ONNX Runtime execution provider.' })
    .default('cpu'),
  graph_optimization_level: SessionSpec.shape.graphOptimizationLevel
    .meta({ description: 'How far ONNX Runtime rewrites the graph when it loads the model.' })
    .default('all'),
  execution_mode: SessionSpec.shape.executionMode
    .meta({ description: 'Whether independent operators run one after another or at the same time.' })
    .default('sequential'),
  intra_op_num_threads: SessionSpec.shape.intraOpNumThreads
    .meta({ description: 'Threads inside one operator.' })
    .default(1),
  inter_op_num_threads: SessionSpec.shape.interOpNumThreads
    .meta({ description: 'Threads across operators; matters only with `execution_mode: parallel`.' })
    .default(1),
  enable_cpu_mem_arena: SessionSpec.shape.enableCpuMemArena
    .meta({ description: 'Whether memory is kept in an arena between requests.' })
    .default(true),
  enable_mem_pattern: SessionSpec.shape.enableMemPattern
    .meta({ description: 'Whether the memory layout of one request is reused for the next of the same shape.' })
    .default(true)
})
export type SessionConfig = z.infer<typeof SessionConfig>

export const ScenariosConfig = z.strictObject({
  single_stream: z
    .strictObject({})
    .meta({ description: 'One request at a time, the next one as soon as the last one is answered. Takes no options.' })
    .optional(),
  offline: z
    .strictObject({
      batch: whole(1, 4096).meta({ description: 'Inputs per request: multiplies the leading dimension.' }).default(8)
    })
    .meta({ description: 'Whole batches back to back.' })
    .optional()
})
export type ScenariosConfig = z.infer<typeof ScenariosConfig>

const METRIC_DESCRIPTIONS = {
  p50: 'Smallest change of the median latency that matters.',
  throughput: 'Smallest change of the requests per second that matters.',
  p95: 'Smallest change of the 95th percentile of latency that matters.',
  p99: 'Smallest change of the 99th percentile of latency that matters.',
  slow_share:
    'Smallest change of the share of slow requests that matters, in percentage points: `1%` is one slow request more in a hundred.'
}

const metricThreshold = (metric: keyof typeof METRIC_DESCRIPTIONS) =>
  Percentage.meta({ description: METRIC_DESCRIPTIONS[metric] })

const modelThreshold = Percentage.meta({ description: 'As above, for this model only.' })

export const ThresholdsConfig = z.strictObject({
  p50: metricThreshold('p50').prefault('2%'),
  throughput: metricThreshold('throughput').prefault('2%'),
  p95: metricThreshold('p95').prefault('5%'),
  p99: metricThreshold('p99').prefault('10%'),
  slow_share: metricThreshold('slow_share').prefault('1%'),
  models: z
    .record(
      Id,
      z.strictObject({
        p50: modelThreshold.optional(),
        throughput: modelThreshold.optional(),
        p95: modelThreshold.optional(),
        p99: modelThreshold.optional(),
        slow_share: modelThreshold.optional()
      })
    )
    .meta({
      maxProperties: 100,
      description: 'Thresholds of single models, by model id; what is not given is taken from above.'
    })
    .default({})
})
export type ThresholdsConfig = z.infer<typeof ThresholdsConfig>

export const RunnerConfig = z.strictObject({
  timeout_minutes: whole(1, 240)
    .meta({
      description:
        'The whole run may take this long. Cases are then judged by the rounds they have: with fewer than six a case is inconclusive; without a whole round it is not measured, which fails the check.'
    })
    .default(30)
})
export type RunnerConfig = z.infer<typeof RunnerConfig>

export const MeasuringConfig = z.strictObject({
  round_seconds: z
    .number()
    .min(0.2)
    .max(600)
    .meta({ description: 'Measuring time of one case in one round, both sides together.' })
    .default(1),
  max_rounds: whole(FIRST_LOOK, MAX_ROUNDS)
    .meta({
      description:
        'Most rounds per case. The comparison is looked at after every round from the sixth on, and measuring ends as soon as the verdict is certain. Above 24, it takes more rounds to be as certain.'
    })
    .default(MAX_PLANNED_ROUNDS),
  warm_up_seconds: z
    .number()
    .min(0)
    .max(60)
    .meta({ description: 'Least warm-up time per side in every round.' })
    .default(0.25),
  warm_up_requests: whole(0, 100_000)
    .meta({
      description:
        'Least warm-up requests per side in every round, cut after 10 seconds (or `warm_up_seconds`, if longer).'
    })
    .default(100),
  request_timeout_seconds: z
    .number()
    .min(0.1)
    .max(3600)
    .meta({ description: 'One request may take this long before its side counts as hung.' })
    .default(60)
})
export type MeasuringConfig = z.infer<typeof MeasuringConfig>

/** The repository's configuration. Types, messages, JSON Schema and docs/configuration.md all come from here. */
export const TailgateConfig = z.strictObject({
  version: z.literal(1).meta({ description: 'Version of this format.' }),
  models: z
    .record(Id, ModelConfig)
    .meta({ minProperties: 1, maxProperties: 100, description: 'The models to measure, by an id of your choice.' }),
  sessions: z
    .record(Id, SessionConfig)
    .meta({
      maxProperties: 50,
      description: 'How ONNX Runtime sessions are created, by id. `default` always exists; listing it changes it.'
    })
    .prefault({}),
  scenarios: ScenariosConfig.meta({
    description: 'The load patterns. Without this key both are measured; with it, only those that are listed.'
  }).prefault({ single_stream: {}, offline: {} }),
  thresholds: ThresholdsConfig.meta({
    description: 'The smallest change that matters, per metric: more than 0% and at most 1000% (`slow_share`: 100%).'
  }).prefault({}),
  gate: z
    .enum(['required', 'advisory'])
    .meta({
      description:
        '`required`: a regression fails the check, and so do a candidate that fails more requests and cases that vanish while others appear. `advisory`: these end neutral.'
    })
    .default('required'),
  on_inconclusive: z
    .enum(['neutral', 'failure'])
    .meta({
      description:
        'How the check ends when the measurements do not settle the question. A candidate that fails more requests than the baseline is not such a case: see `gate`.'
    })
    .default('neutral'),
  runner: RunnerConfig.meta({ description: 'For how long a worker may be busy with a run.' }).prefault({}),
  measuring: MeasuringConfig.meta({ description: 'How long and how often to measure.' }).prefault({}),
  paths: z
    .array(PathGlob)
    .max(100)
    .meta({
      description:
        'Further files whose change makes every case worth measuring, as globs: `**` for any folders, `*` and `?` inside one name. A model file, and files beside it whose names start with its name, count without being listed; weights kept elsewhere belong here.'
    })
    .default([])
})
export type TailgateConfig = z.infer<typeof TailgateConfig>

/** Keys read from each side's own commit: what is measured. */
export const MEASURED_KEYS = ['models', 'sessions'] as const

/** Keys read from the base branch: how it is measured and judged. A pull request's edits to them are shown, not applied. */
export const JUDGED_KEYS = [
  'scenarios',
  'thresholds',
  'gate',
  'on_inconclusive',
  'runner',
  'measuring',
  'paths'
] as const
