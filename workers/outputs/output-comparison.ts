import { criteriaOf } from '#contracts/output-criteria.ts'
import { type ComparedFacts, type ComparedOutput, type EquivalencePolicy, MAX_OUTPUTS } from '#contracts/outputs.ts'
import { type OutputNoiseTally, widen } from './output-noise.ts'
import { OutputTally } from './output-tally.ts'
import { isNumeric, type OutputTensor, type SampleRun } from './output-tensor.ts'
import { haveSameShape, type OutputPair, pairOutputs } from './pair-outputs.ts'
import { TokenTally } from './token-tally.ts'

interface ComparedSoFar {
  readonly tally: OutputTally
  readonly types: ComparedOutput['types']
  readonly tolerance: ComparedOutput['tolerance']
  shapes: ComparedOutput['shapes']
  shapesDiffer: { samples: number; firstSample: number } | null
}

/** Compares the candidate with the baseline, sample by sample. */
export class OutputComparison {
  readonly #policy: EquivalencePolicy
  readonly #noise: OutputNoiseTally
  readonly #outputs = new Map<string, ComparedSoFar>()
  readonly #onlyBaseline = new Set<string>()
  readonly #onlyCandidate = new Set<string>()
  readonly #leftOut = new Set<string>()
  #tokens: TokenTally | null = null
  #samples = 0

  constructor(policy: EquivalencePolicy, noise: OutputNoiseTally) {
    this.#policy = policy
    this.#noise = noise
  }

  /** Takes in what one sample gave on each side. */
  add(sampleIndex: number, baseline: SampleRun, candidate: SampleRun): void {
    this.#samples += 1
    const paired = pairOutputs(baseline.outputs, candidate.outputs)
    for (const pair of paired.pairs) this.#addPair(sampleIndex, pair)
    for (const name of paired.onlyBaseline) addBounded(this.#onlyBaseline, name)
    for (const name of paired.onlyCandidate) addBounded(this.#onlyCandidate, name)
    if (baseline.tokens === null || candidate.tokens === null) return
    this.#tokens ??= new TokenTally()
    this.#tokens.add(sampleIndex, baseline.tokens, candidate.tokens)
  }

  facts(samplesPlanned: number): ComparedFacts {
    return {
      status: 'compared',
      samplesPlanned,
      samplesCompared: this.#samples,
      noiseComparisons: this.#noise.comparisons,
      outputs: [...this.#outputs].map(([name, compared]) => this.#describe(name, compared)),
      onlyBaseline: [...this.#onlyBaseline],
      onlyCandidate: [...this.#onlyCandidate],
      outputsLeftOut: this.#leftOut.size,
      tokens: this.#describeTokens()
    }
  }

  #addPair(sampleIndex: number, pair: OutputPair): void {
    const compared = this.#outputs.get(pair.baseline.name) ?? this.#start(pair)
    if (compared === null) return
    if (!haveSameShape(pair.baseline, pair.candidate)) {
      if (compared.shapesDiffer === null) {
        compared.shapes = shapesOf(pair)
        compared.shapesDiffer = { samples: 0, firstSample: sampleIndex }
      }
      compared.shapesDiffer.samples += 1
      return
    }
    // Numbers beside texts: the types tell that they differ.
    if (isNumeric(pair.baseline) !== isNumeric(pair.candidate)) return
    compared.tally.add(sampleIndex, pair.baseline, pair.candidate)
  }

  #start(pair: OutputPair): ComparedSoFar | null {
    const { name } = pair.baseline
    if (this.#outputs.size >= MAX_OUTPUTS) {
      this.#leftOut.add(name)
      return null
    }
    const types = { baseline: pair.baseline.type, candidate: pair.candidate.type }
    const { rtol, atol } = criteriaOf(this.#policy, name, types)
    const tally = new OutputTally(widen({ rtol, atol }, this.#noise.outputNoise(name)))
    const compared = { tally, types, tolerance: { rtol, atol }, shapes: shapesOf(pair), shapesDiffer: null }
    this.#outputs.set(name, compared)
    return compared
  }

  #describe(name: string, { tally, types, shapes, shapesDiffer, tolerance }: ComparedSoFar): ComparedOutput {
    const { left, right } = tally.nonFinite
    return {
      name,
      types,
      shapes,
      shapesDiffer,
      tolerance,
      statistics: tally.statistics,
      nonFinite: { baseline: left, candidate: right },
      worst: tally.worst,
      noise: this.#noise.outputNoise(name)
    }
  }

  #describeTokens(): ComparedFacts['tokens'] {
    if (this.#tokens === null) return null
    const { statistics, firstDifference } = this.#tokens
    return { statistics, firstDifference, noise: this.#noise.tokens }
  }
}

function shapesOf({ baseline, candidate }: OutputPair): ComparedOutput['shapes'] {
  const dims = (tensor: OutputTensor) => [...tensor.dims]
  return { baseline: dims(baseline), candidate: dims(candidate) }
}

function addBounded(names: Set<string>, name: string): void {
  if (names.size < MAX_OUTPUTS) names.add(name)
}
