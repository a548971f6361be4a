import { z } from 'zod'
import { FIRST_LOOK, MAX_PLANNED_ROUNDS, MAX_ROUNDS } from '#contracts/decision-design.ts'
import { Id, PathGlob, whole } from './field-types.ts'
import { AccuraciesConfig, BudgetsConfig, CostConfig, EquivalenceConfig } from './judging.schema.ts'
import { ModelConfig } from './models.schema.ts'
import { ScenariosConfig } from './scenarios.schema.ts'
import { SessionConfig } from './sessions.schema.ts'
import { ThresholdsConfig } from './thresholds.schema.ts'

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
    description:
      'The load patterns. Without this key, `single_stream` and `offline` are measured; with it, only those that are listed. See [scenarios](scenarios.md).'
  }).prefault({ single_stream: {}, offline: {} }),
  variants: z
    .record(Id, Id)
    .meta({
      title: 'a mapping from model ids to model ids',
      maxProperties: 100,
      description:
        'Models that are compared with another model of the same commit, not with themselves at the baseline: `detector_int8: detector` measures a quantised file against the original.'
    })
    .default({}),
  thresholds: ThresholdsConfig.meta({
    description:
      'The smallest change that matters, per metric: more than 0% and at most 1000% (`slow_share`, `goodput` and `latency_drift`: 100%).'
  }).prefault({}),
  budgets: BudgetsConfig.meta({
    maxProperties: 100,
    description:
      'Absolute limits of the candidate, by model id and scenario. One is broken when the measured range lies beyond it as a whole, which fails the check even where the baseline breaks it too; see [budgets](statistics.md#budgets).'
  }).default({}),
  equivalence: EquivalenceConfig.meta({
    description:
      'Whether both sides give the same answers, asked before any measuring. See [correctness](correctness.md).'
  }).prefault({}),
  accuracy: AccuraciesConfig.meta({
    maxProperties: 100,
    description: 'An accuracy check on labelled samples, by model id.'
  }).default({}),
  cost: CostConfig.meta({ description: 'For the cost per million inferences in the report.' }).optional(),
  gate: z
    .enum(['required', 'advisory'])
    .meta({
      description:
        '`required`: the check fails for a regression, for outputs that differ where that blocks, for a broken budget, for accuracy that dropped, for a candidate that fails more requests, and for cases that vanish while others appear. `advisory`: these end neutral.'
    })
    .default('required'),
  on_inconclusive: z
    .enum(['neutral', 'failure'])
    .meta({
      description:
        'How the check ends when the measurements do not settle the question, or that of a budget, and when accuracy was asked for and could not be told. A candidate that fails more requests than the baseline is not such a case: see `gate`.'
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
  'variants',
  'thresholds',
  'budgets',
  'equivalence',
  'accuracy',
  'cost',
  'gate',
  'on_inconclusive',
  'runner',
  'measuring',
  'paths'
] as const
