import type { EquivalencePolicy, OutputFacts } from '#contracts/outputs.ts'
import { OutputComparison } from './output-comparison.ts'
import { OutputNoiseTally } from './output-noise.ts'
import type { SampleRun } from './output-tensor.ts'
import { OutputsTooLargeError } from './outputs-too-large-error.ts'

/** Which process runs a sample. `baseline_again` is a second launch of the baseline where there can be one. */
export type OutputRun = 'baseline' | 'baseline_again' | 'candidate'

export interface OutputComparerParts {
  readonly policy: EquivalencePolicy
  /** Different samples that both sides can be given. */
  readonly sampleCount: number
  /** Runs one sample. What it throws goes on to the caller, except {@link OutputsTooLargeError}, which becomes a fact. */
  readonly runSample: (run: OutputRun, sampleIndex: number) => Promise<SampleRun>
  /** Asked before each sample but the first. */
  readonly isOutOfTime?: () => boolean
}

export interface OutputComparer {
  /** Runs the baseline against itself. Asks for `baseline` and `baseline_again` only; may be left out. */
  readonly learnNoise: () => Promise<void>
  /** Runs both sides. Asks for `baseline` and `candidate` only. */
  readonly compare: () => Promise<OutputFacts>
}

/**
 * A baseline that varies is compared with itself at least so often: of fewer differences the largest says too little about
 * the next one. docs/correctness.md "A baseline that varies".
 */
export const NOISE_COMPARISONS_MIN = 16

/**
 * Compares the outputs of both sides, sample by sample: no more than one sample of two runs is in memory at a time.
 *
 * The two steps are apart so that the caller can end the second baseline before it starts the candidate. With mode `off`
 * neither runs anything.
 */
export function createOutputComparer(parts: OutputComparerParts): OutputComparer {
  const { policy } = parts
  const isOutOfTime = parts.isOutOfTime ?? (() => false)
  const samples = Math.min(policy.samples, parts.sampleCount)
  const noise = new OutputNoiseTally(policy)
  const comparison = new OutputComparison(policy, noise)
  let tooLarge: OutputsTooLargeError | null = null

  async function runPairs(
    other: 'baseline_again' | 'candidate',
    take: (sampleIndex: number, baseline: SampleRun, other: SampleRun) => void
  ): Promise<void> {
    for (let sampleIndex = 0; sampleIndex < samples; sampleIndex += 1) {
      if (sampleIndex > 0 && isOutOfTime()) return
      const baseline = await parts.runSample('baseline', sampleIndex)
      take(sampleIndex, baseline, await parts.runSample(other, sampleIndex))
    }
  }

  async function unlessTooLarge(work: () => Promise<void>): Promise<void> {
    if (tooLarge !== null || policy.mode === 'off') return
    try {
      await work()
    } catch (error) {
      if (!(error instanceof OutputsTooLargeError)) throw error
      tooLarge = error
    }
  }

  async function repeatBaseline(): Promise<void> {
    do {
      await runPairs('baseline_again', (sampleIndex, first, again) => noise.add(sampleIndex, first, again))
    } while (noise.isNoisy && noise.comparisons < NOISE_COMPARISONS_MIN && !isOutOfTime())
  }

  return {
    learnNoise: async () => {
      if (policy.learnNoise) await unlessTooLarge(repeatBaseline)
    },
    compare: async () => {
      if (policy.mode === 'off') return notCompared('off', 'Comparing outputs is switched off.')
      await unlessTooLarge(() =>
        runPairs('candidate', (sampleIndex, baseline, candidate) => comparison.add(sampleIndex, baseline, candidate))
      )
      return tooLarge === null ? comparison.facts(samples) : notCompared('too_large', tooLarge.message)
    }
  }
}

/** Both steps of a {@link createOutputComparer}, for callers whose processes all run at once. */
export async function compareOutputs(parts: OutputComparerParts): Promise<OutputFacts> {
  const comparer = createOutputComparer(parts)
  await comparer.learnNoise()
  return comparer.compare()
}

function notCompared(reason: 'off' | 'too_large', message: string): OutputFacts {
  return { status: 'not_compared', reason, message: message.slice(0, 4000) }
}
