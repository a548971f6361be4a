import { criteriaOf } from '#contracts/output-criteria.ts'
import { type EquivalencePolicy, NOISE_FACTOR, type OutputNoise, type TokenStatistics } from '#contracts/outputs.ts'
import { OutputTally, type Tolerance } from './output-tally.ts'
import type { SampleRun } from './output-tensor.ts'
import { haveSameShape, pairOutputs } from './pair-outputs.ts'
import { TokenTally } from './token-tally.ts'

/** Learns how the baseline differs from itself. docs/correctness.md "A baseline that varies". */
export class OutputNoiseTally {
  readonly #policy: EquivalencePolicy
  readonly #outputs = new Map<string, OutputTally>()
  #tokens: TokenTally | null = null
  #comparisons = 0

  constructor(policy: EquivalencePolicy) {
    this.#policy = policy
  }

  /** Takes in two runs of the baseline on the same sample. */
  add(sampleIndex: number, first: SampleRun, again: SampleRun): void {
    this.#comparisons += 1
    for (const { baseline, candidate } of pairOutputs(first.outputs, again.outputs).pairs) {
      // A shape that depends on chance cannot be compared element by element, with the candidate's neither.
      if (!haveSameShape(baseline, candidate)) continue
      const types = { baseline: baseline.type, candidate: candidate.type }
      const { rtol, atol } = criteriaOf(this.#policy, baseline.name, types)
      let tally = this.#outputs.get(baseline.name)
      if (tally === undefined) {
        tally = new OutputTally({ rtol, atol, factor: 1 })
        this.#outputs.set(baseline.name, tally)
      }
      tally.add(sampleIndex, baseline, candidate)
    }
    if (first.tokens === null || again.tokens === null) return
    this.#tokens ??= new TokenTally()
    this.#tokens.add(sampleIndex, first.tokens, again.tokens)
  }

  get comparisons(): number {
    return this.#comparisons
  }

  /** Something differs, by however little: the next difference may be a larger one. */
  get isNoisy(): boolean {
    const tokens = this.tokens
    const tokensVary = tokens !== null && tokens.identicalSamples < tokens.samples
    return tokensVary || [...this.#outputs.values()].some(({ worst }) => worst !== null)
  }

  /** Null for an output that the baseline was not run against itself for. */
  outputNoise(name: string): OutputNoise | null {
    const tally = this.#outputs.get(name)
    return tally === undefined ? null : noiseOf(tally)
  }

  get tokens(): TokenStatistics | null {
    return this.#tokens?.statistics ?? null
  }
}

/** The tolerance that the candidate is held to: widened where the baseline needs it. */
export function widen(
  criteria: { readonly rtol: number; readonly atol: number },
  noise: OutputNoise | null
): Tolerance {
  return { rtol: criteria.rtol, atol: criteria.atol, factor: noise?.toleranceFactor ?? 1 }
}

function noiseOf(tally: OutputTally): OutputNoise {
  const { largestMultiple, beyondShare } = tally.spread
  return {
    statistics: tally.statistics,
    largestMultiple,
    toleranceFactor: Math.max(1, NOISE_FACTOR * largestMultiple),
    allowedShare: Math.min(1, NOISE_FACTOR * beyondShare)
  }
}
