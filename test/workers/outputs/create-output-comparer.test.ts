import { describe, expect, test } from 'vitest'
import { OutputFacts } from '#contracts/outputs.ts'
import { compareOutputs, createOutputComparer, NOISE_COMPARISONS_MIN } from '#workers/outputs/create-output-comparer.ts'
import type { SampleRun } from '#workers/outputs/output-tensor.ts'
import { OutputsTooLargeError } from '#workers/outputs/outputs-too-large-error.ts'
import { createRandom } from '#workers/side/random-numbers.ts'
import { compared, compareSamples, decoded, floats, longs, policy, run, texts } from './sample-outputs.ts'

const STEADY = run(floats('y', [1, 2]))

describe('what is run', () => {
  test('the baseline twice on every sample, then both sides', async () => {
    const asked: string[] = []
    const runSample = async (which: string, sampleIndex: number) => {
      asked.push(`${which} ${sampleIndex}`)
      return STEADY
    }
    await compareOutputs({ policy: policy({ samples: 2 }), sampleCount: 5, runSample })

    expect(asked).toEqual([
      ...['baseline 0', 'baseline_again 0', 'baseline 1', 'baseline_again 1'],
      ...['baseline 0', 'candidate 0', 'baseline 1', 'candidate 1']
    ])
  })

  test('no more samples than there are', async () => {
    const facts = await compareSamples({ baseline: [STEADY], candidate: [STEADY] })
    expect(facts).toMatchObject({ samplesPlanned: 1, samplesCompared: 1, noiseComparisons: 1 })
  })

  test('nothing when comparing is off', async () => {
    const runSample = async () => {
      throw new Error('Something was run.')
    }
    const facts = await compareOutputs({ policy: policy({ mode: 'off' }), sampleCount: 5, runSample })
    expect(facts).toMatchObject({ status: 'not_compared', reason: 'off' })
  })

  test('not the second baseline when noise is not to be learned', async () => {
    const facts = await compareSamples({
      baseline: [STEADY],
      candidate: [STEADY],
      policy: policy({ learnNoise: false })
    })
    expect(facts.noiseComparisons).toBe(0)
    expect(facts.outputs[0]?.noise).toBeNull()
  })

  test('no further sample when time runs out, but always the first', async () => {
    const facts = await compareOutputs({
      policy: policy(),
      sampleCount: 5,
      runSample: async () => STEADY,
      isOutOfTime: () => true
    })
    expect(facts).toMatchObject({ samplesPlanned: 5, samplesCompared: 1, noiseComparisons: 1 })
  })

  test('outputs that are too large are a fact', async () => {
    const runSample = async () => {
      throw new OutputsTooLargeError('Output `y` is more than 256 MiB.')
    }
    const facts = await compareOutputs({ policy: policy(), sampleCount: 1, runSample })
    expect(facts).toEqual({ status: 'not_compared', reason: 'too_large', message: 'Output `y` is more than 256 MiB.' })
  })

  test('any other failure goes on', async () => {
    const runSample = async () => {
      throw new Error('The side process crashed.')
    }
    await expect(compareOutputs({ policy: policy(), sampleCount: 1, runSample })).rejects.toThrow('crashed')
  })

  test('the steps can be taken apart', async () => {
    const asked = new Set<string>()
    const comparer = createOutputComparer({
      policy: policy(),
      sampleCount: 3,
      runSample: async (which) => {
        asked.add(which)
        return STEADY
      }
    })
    await comparer.learnNoise()
    expect(asked).toEqual(new Set(['baseline', 'baseline_again']))
    expect(compared(await comparer.compare()).noiseComparisons).toBe(3)
  })
})

describe('outputs', () => {
  test('are matched by name', async () => {
    const facts = await compareSamples({
      baseline: [run(floats('a', [1]), floats('gone', [1]), floats('b', [2]))],
      candidate: [run(floats('b', [2]), floats('a', [1]), floats('new', [1]))]
    })
    expect(facts).toMatchObject({ onlyBaseline: ['gone'], onlyCandidate: ['new'] })
    expect(facts.outputs.map(({ name, statistics }) => [name, statistics.mismatched])).toEqual([
      ['a', 0],
      ['b', 0]
    ])
  })

  test('of another shape are counted and shown, and their elements are left alone', async () => {
    const sample = (dims: readonly number[]) => run(floats('y', [1, 2, 3, 4], dims))
    const facts = await compareSamples({
      baseline: [sample([2, 2]), sample([2, 2]), sample([2, 2])],
      candidate: [sample([2, 2]), sample([4]), sample([4, 1])]
    })
    expect(facts.outputs[0]).toMatchObject({
      shapes: { baseline: [2, 2], candidate: [4] },
      shapesDiffer: { samples: 2, firstSample: 1 },
      statistics: { samples: 1, elements: 4 }
    })
  })

  test('may have another shape in each sample', async () => {
    const samples = [run(floats('y', [1])), run(floats('y', [1, 2]))]
    const facts = await compareSamples({ baseline: samples, candidate: samples })
    expect(facts.outputs[0]).toMatchObject({ shapesDiffer: null, statistics: { elements: 3 } })
  })

  test('of numbers on one side and strings on the other are told by their types', async () => {
    const facts = await compareSamples({
      baseline: [run(floats('y', [1]))],
      candidate: [run(texts('y', ['1']))]
    })
    expect(facts.outputs[0]).toMatchObject({ types: { baseline: 'float32', candidate: 'string' } })
    expect(facts.outputs[0]?.statistics.elements).toBe(0)
  })

  test('beyond the first 200 are counted', async () => {
    const many = run(...Array.from({ length: 203 }, (_, index) => floats(`y${index}`, [1])))
    const facts = await compareSamples({ baseline: [many], candidate: [many] })
    expect(facts.outputs).toHaveLength(200)
    expect(facts.outputsLeftOut).toBe(3)
  })

  test('of integers are compared exactly, and of floats within the tolerance', async () => {
    const facts = await compareSamples({
      baseline: [run(longs('ids', [50_000n]), floats('scores', [50_000]))],
      candidate: [run(longs('ids', [50_001n]), floats('scores', [50_001]))]
    })
    expect(facts.outputs.map(({ statistics }) => statistics.mismatched)).toEqual([1, 0])
    expect(facts.outputs.map(({ tolerance }) => tolerance)).toEqual([
      { rtol: 0, atol: 0 },
      { rtol: 1e-3, atol: 1e-4 }
    ])
  })
})

test('tokens are compared beside outputs', async () => {
  const facts = await compareSamples({ baseline: [decoded([1, 2, 3])], candidate: [decoded([1, 2, 4])] })
  expect(facts.tokens).toMatchObject({
    statistics: { prefixTokens: 2 },
    firstDifference: { sampleIndex: 0, position: 2, baseline: 3, candidate: 4 },
    noise: { identicalSamples: 1 }
  })
})

describe('a baseline that varies', () => {
  /** Every run adds draws of its own. */
  function noisy(sd: number, seed: number): () => SampleRun {
    const random = createRandom(seed)
    return () =>
      run(
        floats(
          'y',
          Array.from({ length: 50 }, () => 1 + sd * (random() - 0.5))
        )
      )
  }

  test('widens the tolerance to three times its own largest difference', async () => {
    // 0.0044 is 4 times the tolerance of 0.0011 at 1.
    const facts = await compareSamples({
      baseline: [run(floats('y', [1, 1]))],
      again: [run(floats('y', [1, 1.0044]))],
      candidate: [run(floats('y', [1.013, 1.0135]))]
    })
    const [output] = facts.outputs
    expect(output?.noise?.largestMultiple).toBeCloseTo(4, 3)
    expect(output?.noise?.toleranceFactor).toBeCloseTo(12, 3)
    expect(output?.statistics.mismatched).toBe(1)
  })

  test('is run until there are sixteen comparisons', async () => {
    const draw = noisy(0.01, 1)
    const facts = compared(await compareOutputs({ policy: policy(), sampleCount: 3, runSample: async () => draw() }))
    expect(facts.noiseComparisons).toBeGreaterThanOrEqual(NOISE_COMPARISONS_MIN)
    expect(facts.samplesCompared).toBe(3)
  })

  test.each([0.003, 0.01, 0.1, 1])('is not blamed on a candidate that varies alike, by %d', async (sd) => {
    const draw = noisy(sd, 2)
    const facts = compared(await compareOutputs({ policy: policy(), sampleCount: 16, runSample: async () => draw() }))
    const [output] = facts.outputs
    const { mismatched, elements } = output!.statistics
    expect(mismatched / elements).toBeLessThanOrEqual(output!.noise!.allowedShare)
    expect(output!.noise!.statistics.mismatched).toBeGreaterThan(0)
  })

  test('does not make room for a difference that is far larger', async () => {
    const draw = noisy(0.003, 3)
    const wrong = run(floats('y', new Array(50).fill(1.5)))
    const facts = compared(
      await compareOutputs({
        policy: policy(),
        sampleCount: 16,
        runSample: async (which) => (which === 'candidate' ? wrong : draw())
      })
    )
    expect(facts.outputs[0]?.statistics.mismatched).toBe(16 * 50)
    expect(facts.outputs[0]?.noise?.allowedShare).toBe(0)
  })

  test('by NaNs or whole numbers makes room for a share, as no tolerance could cover them', async () => {
    const facts = await compareSamples({
      baseline: [run(longs('ids', [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]), floats('y', [1, 2, 3, 4]))],
      again: [run(longs('ids', [7n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]), floats('y', [Number.NaN, 2, 3, 4]))],
      candidate: [run(longs('ids', [1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n]), floats('y', [1, 2, 3, 4]))]
    })
    expect(facts.outputs.map(({ noise }) => [noise?.toleranceFactor, noise?.allowedShare])).toEqual([
      [1, 0.30000000000000004],
      [1, 0.75]
    ])
  })
})

test('facts are what the contract says', async () => {
  const facts = await compareSamples({
    baseline: [run(floats('y', [1, Number.NaN, 0]), longs('ids', [1n]), texts('t', ['a']), floats('one', [1], []))],
    again: [run(floats('y', [1.5, Infinity, 0]), longs('ids', [2n]), texts('t', ['b']), floats('one', [1], []))],
    candidate: [run(floats('y', [Infinity, 1, 1]), longs('ids', [3n]), texts('t', ['c']), floats('new', [1]))]
  })
  expect(OutputFacts.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts)
})

test('no sample is kept: the same two buffers can carry all of them', async () => {
  const buffers = { baseline: new Float32Array(1000), other: new Float32Array(1000) }
  const facts = compared(
    await compareOutputs({
      policy: policy(),
      sampleCount: 10,
      runSample: async (which, sampleIndex) => {
        const values = which === 'baseline' ? buffers.baseline : buffers.other
        values.fill(sampleIndex)
        if (which === 'candidate' && sampleIndex === 4) values[7] = 100
        return run({ name: 'y', type: 'float32', dims: [1000], values })
      }
    })
  )
  expect(facts.outputs[0]).toMatchObject({
    statistics: { samples: 10, mismatched: 1 },
    worst: { sampleIndex: 4, flatIndex: 7, baseline: { value: 4 }, candidate: { value: 100 } }
  })
})
