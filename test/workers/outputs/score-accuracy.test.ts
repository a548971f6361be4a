import { describe, expect, test } from 'vitest'
import { AccuracyFacts, type AccuracyMetric } from '#contracts/accuracy.ts'
import type { OutputTensor, SampleRun } from '#workers/outputs/output-tensor.ts'
import { OutputsTooLargeError } from '#workers/outputs/outputs-too-large-error.ts'
import type { Label } from '#workers/outputs/parse-labels.ts'
import { scoreAccuracy } from '#workers/outputs/score-accuracy.ts'
import { doubles, floats, longs, run, texts } from './sample-outputs.ts'

function score(
  metric: AccuracyMetric,
  labels: readonly Label[],
  samples: { readonly baseline: readonly SampleRun[]; readonly candidate: readonly SampleRun[] },
  output: string | null = null
): Promise<AccuracyFacts> {
  return scoreAccuracy({
    policy: { metric, output },
    labels,
    sampleCount: samples.baseline.length,
    runSample: async (side, sampleIndex) => samples[side][sampleIndex] ?? run()
  })
}

/** The same tensors on both sides. */
function both(...tensors: readonly OutputTensor[]) {
  const runs = tensors.map((tensor) => run(tensor))
  return { baseline: runs, candidate: runs }
}

test('top-1 counts rows', async () => {
  const baseline = [run(floats('y', [1, 9, 3, 9, 2, 3], [2, 3])), run(floats('y', [1, 2, 3]))]
  const candidate = [run(floats('y', [9, 1, 3, 9, 2, 3], [2, 3])), run(floats('y', [5, 2, 3]))]
  expect(await score('top1', [[1, 1], [0]], { baseline, candidate })).toEqual({
    kind: 'answers',
    samples: 2,
    bothRight: 0,
    onlyBaselineRight: 1,
    onlyCandidateRight: 1,
    bothWrong: 1
  })
})

test('top-1 of a NaN is no answer', async () => {
  const facts = await score('top1', [[0]], both(floats('y', [Number.NaN, 1])))
  expect(facts).toMatchObject({ bothWrong: 1 })
})

describe('exact match', () => {
  test.each<[string, OutputTensor, Label, boolean]>([
    ['whole numbers', longs('y', [5n, 6n]), [5, 6], true],
    ['one that differs', longs('y', [5n, 7n]), [5, 6], false],
    ['numbers beyond 2^53, as strings', longs('y', [2n ** 62n]), ['4611686018427387904'], true],
    ['floats as the label rounds to', floats('y', [0.1]), [0.1], true],
    ['strings', texts('y', ['cat']), ['cat'], true],
    ['other strings', texts('y', ['cat']), ['dog'], false]
  ])('of %s', async (_, tensor, label, isRight) => {
    expect(await score('exact_match', [label], both(tensor))).toMatchObject({
      bothRight: isRight ? 1 : 0,
      bothWrong: isRight ? 0 : 1
    })
  })
})

test('errors are means over each sample, and their moments over the samples', async () => {
  const baseline = [run(doubles('y', [1, 3])), run(doubles('y', [0, 0]))]
  const candidate = [run(doubles('y', [2, 2])), run(doubles('y', [4, 0]))]
  const labels = [
    [0, 0],
    [0, 0]
  ]
  // Losses 2 and 0 against 2 and 2; squared 5 and 0 against 4 and 8.
  expect(await score('mae', labels, { baseline, candidate })).toEqual({
    kind: 'losses',
    samples: 2,
    baselineMean: 1,
    candidateMean: 2,
    baselineVariance: 2,
    candidateVariance: 0,
    covariance: 0,
    notFinite: { baseline: 0, candidate: 0, both: 0 }
  })
  expect(await score('rmse', labels, { baseline, candidate })).toMatchObject({
    baselineMean: 2.5,
    candidateMean: 6,
    baselineVariance: 12.5,
    candidateVariance: 8,
    covariance: -10
  })
})

test('an error that is no number is counted, and the facts stay JSON', async () => {
  const facts = await score('mae', [[0], [0]], {
    baseline: [run(doubles('y', [1])), run(doubles('y', [1]))],
    candidate: [run(doubles('y', [Number.NaN])), run(doubles('y', [2]))]
  })
  expect(facts).toMatchObject({ samples: 1, notFinite: { baseline: 0, candidate: 1, both: 0 } })
  expect(AccuracyFacts.parse(JSON.parse(JSON.stringify(facts)))).toEqual(facts)
})

test('half-precision outputs are scored by their numbers', async () => {
  const half: OutputTensor = { name: 'y', type: 'float16', dims: [2], values: Uint16Array.of(0x3c00, 0x4000) }
  expect(await score('mae', [[1, 3]], both(half))).toMatchObject({ baselineMean: 0.5 })
})

describe('what does not fit is said', () => {
  const wide = floats('y', [1, 2, 3])
  test.each<[string, AccuracyMetric, Label, OutputTensor, string]>([
    ['another number of rows', 'top1', [0, 1], wide, 'has 1 rows, but the label 2 classes'],
    ['a class that is none', 'top1', [3], wide, 'labels must be whole numbers from 0 to 2'],
    ['a class in words', 'top1', ['1'], wide, 'labels must be whole numbers from 0 to 2'],
    ['no classes', 'top1', [0], floats('y', [1]), 'has no classes along its last dimension'],
    ['another length', 'exact_match', [1], wide, 'has 3 elements, but the label 1'],
    ['another length of an error', 'mae', [1], wide, 'has 3 elements, but the label 1'],
    ['an error of strings', 'mae', [1], texts('y', ['a']), 'which has no error to measure'],
    ['an error from strings', 'rmse', ['1'], floats('y', [1]), 'the label holds a string']
  ])('%s', async (_, metric, label, tensor, problem) => {
    expect(await score(metric, [label], both(tensor))).toEqual({
      kind: 'not_scored',
      message: expect.stringContaining(problem)
    })
  })

  test('an output that is not there', async () => {
    expect(await score('top1', [[0]], both(wide), 'scores')).toEqual({
      kind: 'not_scored',
      message: 'Labelled sample 0: the output of the baseline `scores` is not there; the model gives `y`.'
    })
  })

  test('no name where there are several outputs', async () => {
    const runs = [run(floats('a', [1, 2]), floats('b', [1, 2]))]
    expect(await score('top1', [[0]], { baseline: runs, candidate: runs })).toMatchObject({
      message: expect.stringContaining('must be named, as there is not exactly one; the model gives `a`, `b`')
    })
  })

  test('more labels than samples', async () => {
    expect(await score('top1', [[0], [1]], both(wide))).toMatchObject({
      kind: 'not_scored',
      message: 'Labelled samples: 1; labels: 2. There must be one label for each sample.'
    })
  })

  test('outputs that are too large', async () => {
    const facts = await scoreAccuracy({
      policy: { metric: 'top1', output: null },
      labels: [[0]],
      sampleCount: 1,
      runSample: async () => {
        throw new OutputsTooLargeError('Too large.')
      }
    })
    expect(facts).toEqual({ kind: 'not_scored', message: 'Too large.' })
  })
})

test('when time runs out, the samples so far count', async () => {
  const sample = run(floats('y', [1, 2]))
  const facts = await scoreAccuracy({
    policy: { metric: 'top1', output: 'y' },
    labels: [[1], [1], [1]],
    sampleCount: 3,
    runSample: async () => sample,
    isOutOfTime: () => true
  })
  expect(facts).toMatchObject({ samples: 1, bothRight: 1 })
})
