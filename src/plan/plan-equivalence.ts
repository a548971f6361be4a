import type { AccuracyPolicy } from '#contracts/accuracy.ts'
import { DEFAULT_EQUIVALENCE, type EquivalencePolicy, type OutputCriteria } from '#contracts/outputs.ts'
import type { AccuracyConfig, EquivalenceConfig } from '#src/config/judging.schema.ts'
import { toRecordedFile } from './side-spec.ts'

type Tolerance = EquivalenceConfig['outputs'][string]

/** How the outputs of every case are compared, in the worker's terms. */
export function planEquivalence(config: EquivalenceConfig): EquivalencePolicy {
  const { mode, samples, nan_inf, tokens, outputs, ...tolerance } = config
  return {
    ...DEFAULT_EQUIVALENCE,
    mode,
    samples,
    nanInf: nan_inf,
    default: { ...DEFAULT_EQUIVALENCE.default, ...toCriteria(tolerance) },
    perOutput: Object.fromEntries(Object.entries(outputs).map(([name, own]) => [name, toCriteria(own)])),
    tokens: { exactPrefixMin: tokens.exact_prefix_min, lengthRatio: [tokens.length_ratio[0], tokens.length_ratio[1]] }
  }
}

/** What is given, and nothing else: what is missing is not to replace a default. */
function toCriteria({ rtol, atol, max_mismatch, cosine_min, top1_min }: Tolerance): Partial<OutputCriteria> {
  return {
    ...(rtol === undefined ? {} : { rtol }),
    ...(atol === undefined ? {} : { atol }),
    ...(max_mismatch === undefined ? {} : { maxMismatchShare: max_mismatch }),
    ...(cosine_min === undefined ? {} : { cosineMin: cosine_min }),
    ...(top1_min === undefined ? {} : { top1AgreeMin: top1_min })
  }
}

export function planAccuracy(config: AccuracyConfig): AccuracyPolicy {
  const { samples, labels, output, metric, max_drop } = config
  return { metric, output: output ?? null, samples: samples.map(toRecordedFile), labels, maxDrop: max_drop }
}
