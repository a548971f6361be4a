import {
  type ComparedFacts,
  type ComparedOutput,
  DEFAULT_EQUIVALENCE,
  type EquivalencePolicy,
  type OutputNoise,
  type OutputStatistics
} from '#contracts/outputs.ts'
import type { Sentence } from '#src/equivalence/sentence.ts'

const SAME: OutputStatistics = {
  samples: 16,
  elements: 12_000,
  mismatched: 0,
  maxSampleShare: 0,
  maxAbsError: 0,
  meanAbsError: 0,
  maxRelError: 0,
  cosineMin: 1,
  top1: { rows: 16, agreed: 16 },
  newNonFinite: 0
}

export function statistics(changes: Partial<OutputStatistics> = {}): OutputStatistics {
  return { ...SAME, ...changes }
}

export function steady(changes: Partial<OutputNoise> = {}): OutputNoise {
  return { statistics: SAME, largestMultiple: 0, toleranceFactor: 1, allowedShare: 0, ...changes }
}

/** An output that is the same on both sides, but for what is said. */
export function output(
  name: string,
  changes: Partial<Omit<ComparedOutput, 'statistics'>> & { readonly statistics?: Partial<OutputStatistics> } = {}
): ComparedOutput {
  return {
    name,
    types: { baseline: 'float32', candidate: 'float32' },
    shapes: { baseline: [1, 750], candidate: [1, 750] },
    shapesDiffer: null,
    tolerance: { rtol: 1e-3, atol: 1e-4 },
    nonFinite: { baseline: { nan: 0, infinite: 0 }, candidate: { nan: 0, infinite: 0 } },
    worst: null,
    noise: steady(),
    ...changes,
    statistics: statistics(changes.statistics)
  }
}

export function facts(changes: Partial<ComparedFacts> = {}): ComparedFacts {
  return {
    status: 'compared',
    samplesPlanned: 16,
    samplesCompared: 16,
    noiseComparisons: 16,
    outputs: [output('scores')],
    onlyBaseline: [],
    onlyCandidate: [],
    outputsLeftOut: 0,
    tokens: null,
    ...changes
  }
}

export function policy(changes: Partial<EquivalencePolicy> = {}): EquivalencePolicy {
  return { ...DEFAULT_EQUIVALENCE, ...changes }
}

/** A sentence as text, what is not ours between backticks. */
export function plain(sentence: Sentence): string {
  return sentence.map((part) => (typeof part === 'string' ? part : `\`${part.code}\``)).join('')
}
