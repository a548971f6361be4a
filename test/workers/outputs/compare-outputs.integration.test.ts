import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, test } from 'vitest'
import type { EquivalencePolicy } from '#contracts/outputs.ts'
import { describeEquivalence } from '#src/equivalence/describe-equivalence.ts'
import { judgeOutputs } from '#src/equivalence/judge-outputs.ts'
import { plain } from '#test/equivalence/sample-facts.ts'
import { cnnModel } from '#test/fixtures/onnx/cnn-model.ts'
import { perceptronVariant } from '#test/fixtures/onnx/perceptron-variants.ts'
import { node, tensor, tensorValue, writeModel } from '#workers/onnx/write-model.ts'
import { compareOutputs } from '#workers/outputs/create-output-comparer.ts'
import { decodeOutputs } from '#workers/outputs/decode-outputs.ts'
import { encodeAnswers } from '#workers/outputs/encode-answers.ts'
import type { SampleRun } from '#workers/outputs/output-tensor.ts'
import { createRandom, fillNormal } from '#workers/side/random-numbers.ts'
import { compared, policy } from './sample-outputs.ts'

interface Feed {
  readonly name: string
  readonly dims: readonly number[]
}
type RunModel = (sampleIndex: number) => Promise<SampleRun>

/** A model that answers seeded samples, over the same wire as a side process. */
async function load(model: Uint8Array, feed: Feed, options: InferenceSession.SessionOptions = {}): Promise<RunModel> {
  const session = await InferenceSession.create(model, { logSeverityLevel: 3, intraOpNumThreads: 1, ...options })
  return async (sampleIndex) => {
    const values = new Float32Array(feed.dims.reduce((product, size) => product * size, 1))
    fillNormal(values, createRandom(sampleIndex + 1))
    const answers = await session.run({ [feed.name]: new Tensor('float32', values, [...feed.dims]) })
    return overTheWire(answers)
  }
}

function overTheWire(answers: InferenceSession.OnnxValueMapType): SampleRun {
  const encoded = encodeAnswers(answers, null)
  if (!encoded.ok) throw new Error(encoded.message)
  const decoded = decodeOutputs(Buffer.concat(encoded.pieces))
  if (!decoded.ok) throw new Error(decoded.problem)
  return decoded.run
}

async function judge(
  sides: { readonly baseline: RunModel; readonly again?: RunModel; readonly candidate: RunModel },
  { modelIdentical, changes = {} }: { readonly modelIdentical: boolean; readonly changes?: Partial<EquivalencePolicy> }
) {
  const runs = { baseline: sides.baseline, baseline_again: sides.again ?? sides.baseline, candidate: sides.candidate }
  const facts = compared(
    await compareOutputs({
      policy: policy({ samples: 4, ...changes }),
      sampleCount: 4,
      runSample: (which, sampleIndex) => runs[which](sampleIndex)
    })
  )
  return { facts, judgement: judgeOutputs({ policy: policy(changes), modelIdentical, facts }) }
}

const IMAGE: Feed = { name: 'image', dims: [2, 3, 32, 32] }
const ROWS: Feed = { name: 'x', dims: [16, 128] }

describe('real models', () => {
  test('another optimisation level gives tiny differences, which are none', async () => {
    const baseline = await load(cnnModel(), IMAGE, { graphOptimizationLevel: 'disabled' })
    const candidate = await load(cnnModel(), IMAGE, { graphOptimizationLevel: 'all' })

    const { facts, judgement } = await judge({ baseline, candidate }, { modelIdentical: true })

    const [scores] = facts.outputs
    expect(scores?.statistics.maxAbsError).toBeGreaterThan(0)
    expect(scores?.statistics.maxAbsError).toBeLessThan(1e-5)
    expect(scores?.noise?.statistics.maxAbsError).toBe(0)
    expect(judgement).toMatchObject({ verdict: 'equivalent', mode: 'block', notes: [] })
  })

  test('a quantised model differs, and is reported', async () => {
    const baseline = await load(perceptronVariant(), ROWS)
    const candidate = await load(perceptronVariant({ weights: 'int8' }), ROWS)

    const { facts, judgement } = await judge({ baseline, candidate }, { modelIdentical: false })

    expect(judgement).toMatchObject({ verdict: 'differs', mode: 'report', reasons: [{ kind: 'elements_differ' }] })
    // It is still much the same model.
    expect(facts.outputs[0]?.statistics.cosineMin).toBeGreaterThan(0.9)
  })

  test('a quantised model passes where a maintainer asks for no more than its direction', async () => {
    const baseline = await load(perceptronVariant(), ROWS)
    const candidate = await load(perceptronVariant({ weights: 'int8' }), ROWS)
    const perOutput = { y: { maxMismatchShare: 1, cosineMin: 0.9 } }

    const { judgement } = await judge({ baseline, candidate }, { modelIdentical: false, changes: { perOutput } })

    expect(judgement.verdict).toBe('equivalent')
  })

  test('weights kept in half precision differ by little', async () => {
    const baseline = await load(perceptronVariant(), ROWS)
    const candidate = await load(perceptronVariant({ weights: 'float16' }), ROWS)
    const loose = { default: { ...policy().default, rtol: 1e-2, atol: 1e-2 } }

    expect((await judge({ baseline, candidate }, { modelIdentical: false })).judgement.verdict).toBe('differs')
    expect((await judge({ baseline, candidate }, { modelIdentical: false, changes: loose })).judgement.verdict).toBe(
      'equivalent'
    )
  })

  test('wrong weights are not equivalent, and the report says where', async () => {
    const baseline = await load(perceptronVariant({ seed: 1 }), ROWS)
    const candidate = await load(perceptronVariant({ seed: 2 }), ROWS)

    const { judgement } = await judge({ baseline, candidate }, { modelIdentical: true })

    expect(judgement.verdict).toBe('not_equivalent')
    expect(describeEquivalence(judgement).map(plain)[1]).toMatch(
      /^Output `y`, sample \d, element \[\d+, \d+\]: \S+ became \S+; [\d.]+ % of 8,192 elements beyond 0\.0001 \+ 0\.001 × \|baseline\|; the baseline agrees with itself\.$/
    )
  })
})

/** Adds draws from N(0, scale²) that are others in every run. */
function randomModel(scale: number): Uint8Array {
  return writeModel({
    producer: 'tailgate-tests',
    nodes: [
      node({ type: 'RandomNormalLike', inputs: ['x'], outputs: ['drawn'] }),
      node({ type: 'Mul', inputs: ['drawn', 'scale'], outputs: ['noise'] }),
      node({ type: 'Add', inputs: ['x', 'noise'], outputs: ['y'] })
    ],
    initializers: [tensor('scale', 'float32', [], Float32Array.of(scale))],
    inputs: [tensorValue('x', 'float32', [16, 128])],
    outputs: [tensorValue('y', 'float32', [16, 128])]
  })
}

describe('a model that draws random numbers', () => {
  test.each([1e-3, 1e-2, 1])('of %d is not blamed for them', async (scale) => {
    const model = await load(randomModel(scale), ROWS)

    const { facts, judgement } = await judge({ baseline: model, candidate: model }, { modelIdentical: true })

    expect(judgement.verdict).not.toBe('not_equivalent')
    expect(judgement.notes[0]?.kind).toMatch(/baseline_varies|baseline_hides/)
    expect(facts.noiseComparisons).toBeGreaterThanOrEqual(16)
  })

  test('is blamed for what is far beyond them', async () => {
    const baseline = await load(randomModel(1e-3), ROWS)
    const candidate = await load(randomModel(1), ROWS)
    expect((await judge({ baseline, candidate }, { modelIdentical: true })).judgement.verdict).toBe('not_equivalent')
  })
})

test('100 MB outputs take no memory but their own', async () => {
  const elements = 25_000_000
  const buffers = [new Float32Array(elements).fill(1), new Float32Array(elements).fill(1)]
  const [first, second] = buffers
  const before = process.memoryUsage().arrayBuffers
  let most = 0

  const facts = compared(
    await compareOutputs({
      policy: policy({ samples: 3, learnNoise: false }),
      sampleCount: 3,
      runSample: async (which, sampleIndex) => {
        most = Math.max(most, process.memoryUsage().arrayBuffers)
        const values = which === 'baseline' ? first : second
        if (values === undefined) throw new Error('There are two buffers.')
        if (which === 'candidate') values[elements - 1] = 1 + sampleIndex
        return { outputs: [{ name: 'y', type: 'float32', dims: [5000, 5000], values }], tokens: null }
      }
    })
  )

  expect(facts.outputs[0]).toMatchObject({
    statistics: { elements: 3 * elements, mismatched: 2 },
    worst: { sampleIndex: 2, index: [4999, 4999] }
  })
  // Buffers of some thousand elements, many times over.
  expect(most - before).toBeLessThan(20_000_000)
})
