import { z } from 'zod'
import { RepositoryPath } from './identifiers.ts'

/**
 * Tensor element types that onnxruntime-node 1.30 can feed. Strings cannot be generated, only recorded. It also lists inputs of
 * int4 and uint4, and refuses every tensor of these types.
 */
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
  'bool',
  'string'
] as const
export type ElementType = (typeof ELEMENT_TYPES)[number]

const DimSize = z.int().positive().max(1_000_000)

/** The size of a named dynamic dimension: the same in all samples, or shared out among them. */
export const DimSpec = z.union([
  DimSize,
  z.strictObject({
    choices: z.array(DimSize).min(1).max(100),
    /** Shares of the samples that have each choice, relative to each other; all alike when empty. One for each choice. */
    weights: z.array(z.number().positive().max(1_000_000)).max(100)
  })
])
export type DimSpec = z.infer<typeof DimSpec>

/** What generated values are drawn from. `integers`: low to high, both included. */
export const Distribution = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('normal'), mean: z.number(), sd: z.number().nonnegative() }),
  z.strictObject({ kind: z.literal('uniform'), low: z.number(), high: z.number() }),
  z.strictObject({ kind: z.literal('integers'), low: z.int(), high: z.int() }),
  z.strictObject({ kind: z.literal('zeros') })
])
export type Distribution = z.infer<typeof Distribution>

/** What to feed one model input. Floats are drawn from N(0, 1) and the other types are zero where nothing else is said. */
export const InputOverride = z.strictObject({
  /** Full shape; replaces the model's own. */
  shape: z.array(z.int().nonnegative().max(1_000_000)).max(8).optional(),
  /** Every element gets this value. */
  value: z.number().optional(),
  distribution: Distribution.optional()
})
export type InputOverride = z.infer<typeof InputOverride>

/**
 * A file with recorded values. `.npz`: one sample, each array named after its input. `.npy`: one input of one sample; the
 * first file of each input makes the first sample. `.json`: one sample or a list of them. docs/inputs.md.
 */
export const RecordedFile = z.strictObject({
  path: RepositoryPath,
  /** The input that a `.npy` file feeds; null where the model has only one. */
  input: z.string().max(200).nullable()
})
export type RecordedFile = z.infer<typeof RecordedFile>

/** How the inputs of one model are made; the rest is inferred from the model's own metadata. */
export const InputSpec = z.strictObject({
  /** Sizes of named dynamic dimensions. Unnamed or unlisted ones are 1. */
  dims: z.record(z.string().max(200), DimSpec),
  overrides: z.record(z.string().max(200), InputOverride),
  /** Of the generated values and of the drawn sizes. */
  seed: z.int().nonnegative(),
  /** How many different samples are generated; requests take them in turns, in an order drawn by `seed`. */
  samples: z.int().min(1).max(1024).default(1),
  /** Recorded samples, instead of generated ones. Inputs that they lack are generated. */
  recorded: z.array(RecordedFile).max(1024).default([])
})
export type InputSpec = z.infer<typeof InputSpec>

/** Everything inferred from the model: what a configuration without `inputs` gets. */
export const INFERRED_INPUTS: InputSpec = InputSpec.parse({ dims: {}, overrides: {}, seed: 1 })
