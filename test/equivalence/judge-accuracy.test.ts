import { describe, expect, test } from 'vitest'
import type { AccuracyFacts, AccuracyMetric, AccuracyPolicy } from '#contracts/accuracy.ts'
import { describeAccuracy } from '#src/equivalence/describe-accuracy.ts'
import { judgeAccuracy } from '#src/equivalence/judge-accuracy.ts'
import { LossTally } from '#workers/outputs/accuracy-tallies.ts'
import { createRandom } from '#workers/side/random-numbers.ts'
import { plain } from './sample-facts.ts'

function policy(metric: AccuracyMetric, maxDrop = 0.01): AccuracyPolicy {
  return { metric, output: null, samples: [{ path: 'a.npz', input: null }], labels: 'labels.json', maxDrop }
}

function answers(onlyBaselineRight: number, onlyCandidateRight: number, items: number): AccuracyFacts {
  const bothRight = Math.floor((items - onlyBaselineRight - onlyCandidateRight) * 0.9)
  const bothWrong = items - onlyBaselineRight - onlyCandidateRight - bothRight
  return { kind: 'answers', samples: items, bothRight, onlyBaselineRight, onlyCandidateRight, bothWrong }
}

function losses(pairs: readonly (readonly [baseline: number, candidate: number])[]): AccuracyFacts {
  const tally = new LossTally()
  for (const [baseline, candidate] of pairs) tally.add(baseline, candidate)
  return tally.facts
}

describe('right and wrong answers', () => {
  test.each([
    // Nothing changed.
    [0, 0, 1000, 0.01, 'passed'],
    // As many gained as lost.
    [40, 40, 1000, 0.01, 'passed'],
    // 4 points worse, beyond any doubt.
    [45, 5, 1000, 0.01, 'dropped'],
    // 2 points worse on 100 items: chance can do that.
    [3, 1, 100, 0.01, 'uncertain'],
    // Worse by less than is allowed, beyond any doubt.
    [500, 100, 10_000, 0.1, 'passed'],
    // Better.
    [5, 45, 1000, 0.01, 'passed']
  ] as const)('%d lost and %d gained of %d, %d allowed: %s', (lost, gained, items, maxDrop, verdict) => {
    expect(judgeAccuracy(policy('top1', maxDrop), answers(lost, gained, items)).verdict).toBe(verdict)
  })

  test('with no drop allowed it is McNemar’s exact test at 5 %, two-sided', () => {
    // One-sided p is 0.0195 for 8 against 1, and 0.0352 for 7 against 1.
    const certain = judgeAccuracy(policy('exact_match', 0), answers(8, 1, 50))
    expect(certain.pValue).toBeCloseTo(10 / 512, 12)
    expect(certain.verdict).toBe('dropped')
    const uncertain = judgeAccuracy(policy('exact_match', 0), answers(7, 1, 50))
    expect(uncertain.pValue).toBeCloseTo(9 / 256, 12)
    expect(uncertain.verdict).toBe('uncertain')
  })

  test('the bound on the drop is no larger than the drop', () => {
    const judged = judgeAccuracy(policy('top1'), answers(45, 5, 1000))
    expect(judged.drop).toBeCloseTo(0.04, 12)
    expect(judged.dropLowerBound).toBeGreaterThan(0.01)
    expect(judged.dropLowerBound).toBeLessThan(0.04)
  })

  test('a drop of exactly what is allowed fails less often than 5 %', () => {
    const random = createRandom(5)
    let failures = 0
    for (let trial = 0; trial < 400; trial += 1) {
      let lost = 0
      let gained = 0
      for (let item = 0; item < 300; item += 1) {
        const draw = random()
        if (draw < 0.06) lost += 1
        else if (draw < 0.1) gained += 1
      }
      if (judgeAccuracy(policy('top1', 0.02), answers(lost, gained, 300)).verdict === 'dropped') failures += 1
    }
    expect(failures / 400).toBeLessThan(0.05)
  })

  test('no answers, no verdict', () => {
    expect(judgeAccuracy(policy('top1'), answers(0, 0, 0)).verdict).toBe('not_checked')
  })
})

describe('errors', () => {
  test('the rise is computed by hand', () => {
    const judged = judgeAccuracy(
      policy('mae', 0.1),
      losses([
        [1, 2],
        [3, 4],
        [2, 3]
      ])
    )
    expect(judged).toMatchObject({ baseline: 2, candidate: 3, drop: 0.5, samples: 3 })
    const squared = judgeAccuracy(
      policy('rmse', 0.1),
      losses([
        [1, 4],
        [1, 4],
        [1, 4]
      ])
    )
    expect(squared).toMatchObject({ baseline: 1, candidate: 2, drop: 1 })
  })

  test('the bound is that of a paired t test', () => {
    // Differences candidate − factor · baseline of a constant baseline: t bound of the candidate's mean.
    const facts = losses([
      [1, 1.2],
      [1, 1.4],
      [1, 1.3],
      [1, 1.5]
    ])
    // Mean 1.35, standard error 0.129099 / 2, t(0.95, 3) = 2.353363.
    const judged = judgeAccuracy(policy('mae', 0.1), facts)
    expect(judged.dropLowerBound).toBeCloseTo(1.35 - (2.353363 * 0.1290994) / 2 - 1, 5)
    expect(judged.verdict).toBe('dropped')
    expect(judgeAccuracy(policy('mae', 0.2), facts).verdict).toBe('uncertain')
    expect(judgeAccuracy(policy('mae', 0.4), facts).verdict).toBe('passed')
  })

  test('samples that are hard for both sides tell nothing of the difference', () => {
    const hard = [1, 5, 20, 100, 3, 50]
    const judged = judgeAccuracy(policy('mae', 0.03), losses(hard.map((loss) => [loss, loss + 2] as const)))
    // 2 − rise · 29.8333 = t(0.95, 5) · rise · 38.9740 / √6, with t = 2.015048.
    expect(judged.dropLowerBound).toBeCloseTo(2 / (29.833333 + (2.015048 * 38.974) / Math.sqrt(6)), 5)
    expect(judged.verdict).toBe('dropped')
  })

  test('the same errors pass with no drop allowed', () => {
    expect(
      judgeAccuracy(
        policy('mae', 0),
        losses([
          [1, 1],
          [2, 2],
          [5, 5]
        ])
      ).verdict
    ).toBe('passed')
  })

  test('a perfect baseline makes any error endless, but only with confidence a fault', () => {
    expect(
      judgeAccuracy(
        policy('mae'),
        losses([
          [0, 0],
          [0, 0]
        ])
      ).verdict
    ).toBe('passed')
    expect(
      judgeAccuracy(
        policy('mae'),
        losses([
          [0, 1],
          [0, 0]
        ])
      ).verdict
    ).toBe('uncertain')
    expect(
      judgeAccuracy(
        policy('mae'),
        losses([
          [0, 1],
          [0, 1.1],
          [0, 0.9],
          [0, 1]
        ])
      ).verdict
    ).toBe('dropped')
  })

  test('one sample is too few to fail by', () => {
    expect(judgeAccuracy(policy('mae'), losses([[1, 5]]))).toMatchObject({
      verdict: 'uncertain',
      reason: { kind: 'too_few_samples' }
    })
    expect(judgeAccuracy(policy('mae'), losses([])).verdict).toBe('not_checked')
  })

  test('an error that is no number fails, unless the baseline has it too', () => {
    expect(
      judgeAccuracy(
        policy('mae'),
        losses([
          [1, Number.NaN],
          [1, 1]
        ])
      )
    ).toMatchObject({
      verdict: 'dropped',
      reason: { kind: 'not_finite', samples: 1 }
    })
    expect(
      judgeAccuracy(
        policy('mae'),
        losses([
          [Number.NaN, Infinity],
          [1, 1],
          [1, 1]
        ])
      ).verdict
    ).toBe('passed')
    expect(
      judgeAccuracy(
        policy('mae'),
        losses([
          [Infinity, 1],
          [1, 1],
          [1, 1]
        ])
      ).verdict
    ).toBe('passed')
  })
})

describe('in sentences', () => {
  const told = (metric: AccuracyMetric, facts: AccuracyFacts | null) =>
    describeAccuracy(judgeAccuracy(policy(metric), facts)).map(plain)

  test.each<[string, AccuracyMetric, AccuracyFacts | null, string[]]>([
    [
      'dropped',
      'top1',
      answers(45, 5, 1000),
      [
        'Top-1 accuracy on 1,000 labelled samples: 90 % on the baseline, 86 % on the candidate.',
        'That is 4 percentage points worse, with 95 % confidence at least 2.1 percentage points; 1 percentage point less is allowed.'
      ]
    ],
    [
      'uncertain',
      'mae',
      losses([
        [1, 1.2],
        [1, 0.9],
        [1, 1.1]
      ]),
      [
        'The mean absolute error on 3 labelled samples: 1 on the baseline, 1.06667 on the candidate.',
        'That is 6.7 % worse, where 1 % more is allowed; but so few samples could say so by chance.'
      ]
    ],
    [
      'passed',
      'rmse',
      losses([
        [4, 1],
        [4, 1]
      ]),
      [
        'The root mean squared error on 2 labelled samples: 2 on the baseline, 1 on the candidate.',
        'That is not worse; 1 % more is allowed.'
      ]
    ],
    ['not scored', 'top1', { kind: 'not_scored', message: 'No labels.' }, ['Accuracy was not checked: `No labels.`']],
    [
      'an older worker',
      'top1',
      null,
      ['Accuracy was not checked: `The worker that measured this does not score samples.`']
    ]
  ])('%s', (_, metric, facts, sentences) => {
    expect(told(metric, facts)).toEqual(sentences)
  })
})
