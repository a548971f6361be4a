import {
  type ComparedFacts,
  DEFAULT_EQUIVALENCE,
  type EquivalencePolicy,
  type OutputFacts
} from '#contracts/outputs.ts'
import { compareOutputs, type OutputRun } from '#workers/outputs/create-output-comparer.ts'
import type { OutputTensor, SampleRun } from '#workers/outputs/output-tensor.ts'

/** A float32 output; one dimension unless said otherwise. */
export function floats(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length]
): OutputTensor {
  return { name, type: 'float32', dims, values: Float32Array.from(values) }
}

export function doubles(
  name: string,
  values: readonly number[],
  dims: readonly number[] = [values.length]
): OutputTensor {
  return { name, type: 'float64', dims, values: Float64Array.from(values) }
}

export function longs(name: string, values: readonly bigint[]): OutputTensor {
  return { name, type: 'int64', dims: [values.length], values: BigInt64Array.from(values) }
}

export function texts(name: string, values: readonly string[]): OutputTensor {
  return { name, type: 'string', dims: [values.length], values }
}

export function run(...outputs: readonly OutputTensor[]): SampleRun {
  return { outputs, tokens: null }
}

export function decoded(tokens: readonly number[]): SampleRun {
  return { outputs: [], tokens }
}

export function policy(changes: Partial<EquivalencePolicy> = {}): EquivalencePolicy {
  return { ...DEFAULT_EQUIVALENCE, ...changes }
}

/** Compares samples that are already there; both baselines are the same unless `again` says otherwise. */
export async function compareSamples(samples: {
  readonly baseline: readonly SampleRun[]
  readonly candidate: readonly SampleRun[]
  readonly again?: readonly SampleRun[]
  readonly policy?: EquivalencePolicy
}): Promise<ComparedFacts> {
  const runs: Record<OutputRun, readonly SampleRun[]> = {
    baseline: samples.baseline,
    baseline_again: samples.again ?? samples.baseline,
    candidate: samples.candidate
  }
  const facts = await compareOutputs({
    policy: samples.policy ?? policy(),
    sampleCount: samples.baseline.length,
    runSample: async (which, sampleIndex) => runs[which][sampleIndex] ?? { outputs: [], tokens: null }
  })
  return compared(facts)
}

export function compared(facts: OutputFacts): ComparedFacts {
  if (facts.status !== 'compared') throw new Error(`Not compared: ${facts.message}`)
  return facts
}
