import { z } from 'zod'
import { RepositoryPath } from './identifiers.ts'
import { Thresholds } from './measurements.ts'

/** Tensor element types that onnxruntime-node 1.30 can feed. `string` is left out: nothing sensible can be generated. */
export const ELEMENT_TYPES = [
  'float32',
  'float64',
  'float16',
  'int8',
  'uint8',
  'int16',
  'uint16',
  'int32',
  'uint32',
  'int64',
  'uint64',
  'bool'
] as const

/** How an ONNX Runtime session is created. Mirrors `InferenceSession.SessionOptions`, narrowed to what was tried. */
export const SessionSpec = z.strictObject({
  executionProvider: z.enum(['cpu']),
  graphOptimizationLevel: z.enum(['disabled', 'basic', 'extended', 'all']),
  executionMode: z.enum(['sequential', 'parallel']),
  intraOpNumThreads: z.int().min(1).max(256),
  interOpNumThreads: z.int().min(1).max(256),
  enableCpuMemArena: z.boolean(),
  enableMemPattern: z.boolean()
})
export type SessionSpec = z.infer<typeof SessionSpec>

/** What to feed one model input that should not be generated: one number for every element. */
export const InputOverride = z.strictObject({
  /** Full shape; replaces the model's own. */
  shape: z.array(z.int().nonnegative().max(1_000_000)).max(8).optional(),
  /** Every element gets this value. Without it, floats are drawn from N(0, 1) and the other types are zero. */
  value: z.number().optional()
})
export type InputOverride = z.infer<typeof InputOverride>

/** How the inputs of one model are made; the rest is inferred from the model's own metadata. */
export const InputSpec = z.strictObject({
  /** Sizes of named dynamic dimensions. Unnamed or unlisted ones are 1. */
  dims: z.record(z.string().max(200), z.int().positive().max(1_000_000)),
  overrides: z.record(z.string().max(200), InputOverride),
  seed: z.int().nonnegative()
})
export type InputSpec = z.infer<typeof InputSpec>

/** What one side of a case loads. It comes from that side's own commit. */
export const SideSpec = z.strictObject({
  modelPath: RepositoryPath,
  session: SessionSpec,
  inputs: InputSpec
})
export type SideSpec = z.infer<typeof SideSpec>

/** The load pattern. `offline` sends batches: the batch size multiplies the leading dimension. */
export const ScenarioSpec = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('single_stream') }),
  z.strictObject({ kind: z.literal('offline'), batchSize: z.int().min(1).max(4096) })
])
export type ScenarioSpec = z.infer<typeof ScenarioSpec>

/** One thing to compare: model × session × scenario, with the specification of each side. */
export const CaseSpec = z.strictObject({
  /** `model/session/scenario`, unique within a run. */
  id: z.string().min(1).max(500),
  model: z.string().min(1).max(100),
  session: z.string().min(1).max(100),
  scenario: ScenarioSpec,
  baseline: SideSpec,
  candidate: SideSpec,
  /** From the base branch's configuration; the worker needs them only to know when to stop early. */
  thresholds: Thresholds
})
export type CaseSpec = z.infer<typeof CaseSpec>
