import { z } from 'zod'
import { ELEMENT_TYPES, type ElementType } from './inputs.ts'

/**
 * Whether both sides give the same answers: the policy that a case carries, and the facts that a worker measured before it
 * measured any speed. docs/correctness.md.
 */

/** Most outputs of one model that facts are kept of. */
export const MAX_OUTPUTS = 200
/** Most samples that are compared. */
const MAX_COMPARED_SAMPLES = 1024
/** A tolerance is widened to so many times the baseline's own spread. docs/correctness.md "A baseline that varies". */
export const NOISE_FACTOR = 3

const OutputName = z.string().max(500)
const Share = z.number().min(0).max(1)
const Cosine = z.number().min(-1).max(1)
const Count = z.int().nonnegative()
const SampleIndex = z.int().nonnegative().max(1_000_000)
const Dims = z.array(Count).max(32)

/** What one output must keep to. */
export const OutputCriteria = z.strictObject({
  /** An element matches when |candidate − baseline| ≤ atol + rtol · |baseline|, as numpy.isclose has it. */
  rtol: z.number().min(0).max(1_000_000),
  atol: z.number().min(0).max(1e300),
  /** Elements that may be beyond the tolerance, as a share of all. */
  maxMismatchShare: Share,
  /** Least cosine similarity, of the sample that has the least. Null: not asked for. */
  cosineMin: Cosine.nullable(),
  /** Least share of rows (along the last dimension) that have their largest element at the same place. Null: not asked for. */
  top1AgreeMin: Share.nullable()
})
export type OutputCriteria = z.infer<typeof OutputCriteria>

const DEFAULT_OUTPUT_CRITERIA: OutputCriteria = {
  rtol: 1e-3,
  atol: 1e-4,
  maxMismatchShare: 0,
  cosineMin: null,
  top1AgreeMin: null
}

/** Of token ids that were decoded greedily. */
export const TokenCriteria = z.strictObject({
  /** Least share of the baseline's tokens that both sides have in common from the start, over all samples. */
  exactPrefixMin: Share,
  /** Candidate's tokens over baseline's. */
  lengthRatio: z.tuple([z.number().min(0), z.number().max(1000)])
})
export type TokenCriteria = z.infer<typeof TokenCriteria>

export const EquivalenceMode = z.enum(['auto', 'block', 'report', 'off'])
export type EquivalenceMode = z.infer<typeof EquivalenceMode>

/** How outputs are compared; comes from the base branch. */
export const EquivalencePolicy = z.strictObject({
  /** `auto`: block where the model file is the same on both sides, else report. */
  mode: EquivalenceMode.default('auto'),
  samples: z.int().min(1).max(MAX_COMPARED_SAMPLES).default(16),
  /** Tolerances hold for floats; other types are compared exactly, unless `perOutput` says otherwise. */
  default: OutputCriteria.default(DEFAULT_OUTPUT_CRITERIA),
  perOutput: z.record(OutputName, OutputCriteria.partial()).default({}),
  /** Whether a NaN or infinity that the baseline does not have fails by itself, or counts as one element that differs. */
  nanInf: z.enum(['fail', 'allow']).default('fail'),
  tokens: TokenCriteria.default({ exactPrefixMin: 0.95, lengthRatio: [0.9, 1.1] }),
  /** Runs the baseline against itself first. */
  learnNoise: z.boolean().default(true)
})
export type EquivalencePolicy = z.infer<typeof EquivalencePolicy>

export const DEFAULT_EQUIVALENCE: EquivalencePolicy = EquivalencePolicy.parse({})

export const OutputElementType = z.enum(ELEMENT_TYPES)

/** One element, in a form that JSON keeps. */
export const ElementValue = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('number'), value: z.number() }),
  z.strictObject({ kind: z.literal('nan') }),
  z.strictObject({ kind: z.literal('infinity'), negative: z.boolean() }),
  /** Of 64 bits: more than a number holds. */
  z.strictObject({ kind: z.literal('integer'), digits: z.string().regex(/^-?\d{1,20}$/) }),
  z.strictObject({ kind: z.literal('text'), text: z.string().max(200) })
])
export type ElementValue = z.infer<typeof ElementValue>

/** The element that is furthest beyond its tolerance. */
export const WorstElement = z.strictObject({
  sampleIndex: SampleIndex,
  flatIndex: Count,
  /** The same place in each dimension. */
  index: Dims,
  baseline: ElementValue,
  candidate: ElementValue
})
export type WorstElement = z.infer<typeof WorstElement>

/** Elements of one output of two runs beside each other, over all samples. */
export const OutputStatistics = z.strictObject({
  samples: Count,
  elements: Count,
  /** Beyond the tolerance, NaNs and infinities that only one side has included. */
  mismatched: Count,
  /** Largest share of mismatched elements in one sample. */
  maxSampleShare: Share,
  /** Of elements that are finite on both sides; null where there are none. */
  maxAbsError: z.number().nonnegative().nullable(),
  meanAbsError: z.number().nonnegative().nullable(),
  /** |candidate − baseline| / |baseline|, where the baseline is not zero. */
  maxRelError: z.number().nonnegative().nullable(),
  /** Least of the samples; null where it has no meaning. */
  cosineMin: Cosine.nullable(),
  top1: z.strictObject({ rows: Count, agreed: Count }).nullable(),
  /** NaN or infinite in the second run, and not the same in the first. */
  newNonFinite: Count
})
export type OutputStatistics = z.infer<typeof OutputStatistics>

const NonFiniteCounts = z.strictObject({ nan: Count, infinite: Count })

/** How the baseline differed from itself, and what was allowed to the candidate for it. */
export const OutputNoise = z.strictObject({
  /** With the tolerance as configured. */
  statistics: OutputStatistics,
  /** The largest difference as a multiple of the tolerance. */
  largestMultiple: z.number().nonnegative(),
  /** The tolerance was multiplied by this for the candidate; 1 where the baseline agrees with itself well enough. */
  toleranceFactor: z.number().min(1),
  /** Elements that may differ beyond it nevertheless, because the baseline's do. */
  allowedShare: Share
})
export type OutputNoise = z.infer<typeof OutputNoise>

/** One output that both sides have. */
export const ComparedOutput = z.strictObject({
  name: OutputName,
  types: z.strictObject({ baseline: OutputElementType, candidate: OutputElementType }),
  /** Of the first sample; of the first that differs, where shapes differ. */
  shapes: z.strictObject({ baseline: Dims, candidate: Dims }),
  /** Samples whose shapes differ; their elements were not compared. */
  shapesDiffer: z.strictObject({ samples: Count, firstSample: SampleIndex }).nullable(),
  /** The tolerance that was configured for it, before any widening. */
  tolerance: z.strictObject({ rtol: z.number().nonnegative(), atol: z.number().nonnegative() }),
  statistics: OutputStatistics,
  nonFinite: z.strictObject({ baseline: NonFiniteCounts, candidate: NonFiniteCounts }),
  /** Null where every element is the same. */
  worst: WorstElement.nullable(),
  /** Null where the baseline was not run against itself. */
  noise: OutputNoise.nullable()
})
export type ComparedOutput = z.infer<typeof ComparedOutput>

const TokenId = z.int().nonnegative().nullable()

/** Token sequences of two runs beside each other, over all samples. */
export const TokenStatistics = z.strictObject({
  samples: Count,
  identicalSamples: Count,
  baselineTokens: Count,
  candidateTokens: Count,
  /** Tokens that both have in common from the start, summed over the samples. */
  prefixTokens: Count
})
export type TokenStatistics = z.infer<typeof TokenStatistics>

export const ComparedTokens = z.strictObject({
  statistics: TokenStatistics,
  /** The earliest place where a sample goes another way. Null: none does. A token is null where the sequence had ended. */
  firstDifference: z
    .strictObject({ sampleIndex: SampleIndex, position: Count, baseline: TokenId, candidate: TokenId })
    .nullable(),
  noise: TokenStatistics.nullable()
})
export type ComparedTokens = z.infer<typeof ComparedTokens>

/** What a worker found when it compared the outputs of one case. */
export const OutputFacts = z.discriminatedUnion('status', [
  z.strictObject({
    status: z.literal('compared'),
    samplesPlanned: Count,
    /** Fewer than planned where time ran out. */
    samplesCompared: Count,
    /** Times that the baseline was compared with itself. */
    noiseComparisons: Count,
    /** In the order of the baseline's outputs. */
    outputs: z.array(ComparedOutput).max(MAX_OUTPUTS),
    /** Outputs that only one side has. */
    onlyBaseline: z.array(OutputName).max(MAX_OUTPUTS),
    onlyCandidate: z.array(OutputName).max(MAX_OUTPUTS),
    /** Beyond the first 200. */
    outputsLeftOut: Count,
    tokens: ComparedTokens.nullable()
  }),
  z.strictObject({
    status: z.literal('not_compared'),
    reason: z.enum(['off', 'too_large', 'out_of_time', 'failed']),
    message: z.string().max(4000)
  })
])
export type OutputFacts = z.infer<typeof OutputFacts>
export type ComparedFacts = Extract<OutputFacts, { status: 'compared' }>

/** A type that has fractions, so that a tolerance makes sense for it. */
export function isFloatType(type: ElementType): boolean {
  return type === 'float16' || type === 'float32' || type === 'float64'
}
