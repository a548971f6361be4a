import { describe, expect, test } from 'vitest'
import type { ComparedFacts, WorstElement } from '#contracts/outputs.ts'
import { describeEquivalence } from '#src/equivalence/describe-equivalence.ts'
import { judgeOutputs } from '#src/equivalence/judge-outputs.ts'
import { facts, output, plain, policy, statistics, steady } from './sample-facts.ts'

function told(compared: ComparedFacts, changes: Parameters<typeof policy>[0] = {}, modelIdentical = true): string[] {
  const judgement = judgeOutputs({ policy: policy(changes), modelIdentical, facts: compared })
  return describeEquivalence(judgement).map(plain)
}

const WORST: WorstElement = {
  sampleIndex: 3,
  flatIndex: 17,
  index: [0, 17],
  baseline: { kind: 'number', value: 0.8125 },
  candidate: { kind: 'number', value: 0.7991 }
}

describe('a difference is told by output, size and input', () => {
  test('elements beyond the tolerance', () => {
    const compared = facts({ outputs: [output('scores', { worst: WORST, statistics: { mismatched: 492 } })] })
    expect(told(compared)).toEqual([
      'The outputs differ although the model file is the same on both sides, so there is no verdict on speed.',
      'Output `scores`, sample 3, element [0, 17]: 0.8125 became 0.7991; 4.1 % of 12,000 elements beyond 0.0001 + 0.001 × |baseline|; the baseline agrees with itself.'
    ])
  })

  test('a changed model is only reported', () => {
    const compared = facts({ outputs: [output('scores', { worst: WORST, statistics: { mismatched: 492 } })] })
    expect(told(compared, {}, false)[0]).toBe('The outputs differ. The model file changed, so this is only reported.')
    expect(told(compared, { mode: 'report' })[0]).toBe(
      'The outputs differ. The configuration asks to report this only.'
    )
    expect(told(compared, { mode: 'block' })[0]).toBe('The outputs differ, so there is no verdict on speed.')
  })

  test('whole numbers', () => {
    const worst: WorstElement = {
      ...WORST,
      index: [],
      baseline: { kind: 'integer', digits: '-9007199254740993' },
      candidate: { kind: 'integer', digits: '4' }
    }
    const tolerance = { rtol: 0, atol: 0 }
    const types = { baseline: 'int64', candidate: 'int64' } as const
    const compared = facts({
      outputs: [output('id', { worst, tolerance, types, noise: null, statistics: { elements: 1, mismatched: 1 } })]
    })
    expect(told(compared)[1]).toBe('Output `id`, sample 3: −9007199254740993 became 4; 1 of 1 element different.')
  })

  test('numbers that are nearly the same get as many digits as it takes', () => {
    const worst: WorstElement = {
      ...WORST,
      baseline: { kind: 'number', value: -1.000000012 },
      candidate: { kind: 'number', value: -1.000000034 }
    }
    const compared = facts({ outputs: [output('y', { worst, statistics: { mismatched: 1 } })] })
    expect(told(compared)[1]).toContain('−1.00000001 became −1.00000003; 1 of 12,000 elements beyond')
  })

  test('a baseline that varies', () => {
    const noise = steady({ statistics: statistics({ mismatched: 120 }), toleranceFactor: 6.94, allowedShare: 0.0125 })
    const compared = facts({ outputs: [output('y', { worst: WORST, noise, statistics: { mismatched: 492 } })] })
    expect(told(compared).slice(1)).toEqual([
      'Output `y`, sample 3, element [0, 17]: 0.8125 became 0.7991; 4.1 % of 12,000 elements beyond 6.94 × (0.0001 + 0.001 × |baseline|); 1.3 % may; the baseline varies by less.',
      'Output `y` of the baseline varies from run to run: 1 % of its elements were beyond the tolerance in 16 comparisons with itself; the candidate got 6.94 times the tolerance; 1.3 % of its elements may differ by more.'
    ])
  })

  test('a NaN', () => {
    const worst: WorstElement = { ...WORST, candidate: { kind: 'nan' } }
    const compared = facts({ outputs: [output('y', { worst, statistics: { mismatched: 2, newNonFinite: 2 } })] })
    expect(told(compared)[1]).toBe(
      'Output `y`, sample 3, element [0, 17]: 0.8125 became NaN; 2 elements of 12,000 became NaN or infinite.'
    )
  })

  test('shapes, types and what is missing', () => {
    const compared = facts({
      onlyBaseline: ['gone'],
      outputs: [
        output('a', {
          shapes: { baseline: [1, 80], candidate: [1, 81] },
          shapesDiffer: { samples: 2, firstSample: 5 }
        }),
        output('b', { types: { baseline: 'float32', candidate: 'float16' } })
      ]
    })
    expect(told(compared).slice(1)).toEqual([
      'Output `gone` is missing: only the baseline has it.',
      'Output `a`, sample 5: its shape [1, 80] became [1, 81]; shapes differ in 2 samples.',
      'Output `b`: its element type float32 became float16.'
    ])
  })

  test('cosine and top-1', () => {
    const compared = facts({
      outputs: [output('y', { statistics: { cosineMin: 0.9912, top1: { rows: 2000, agreed: 1940 } } })]
    })
    expect(told(compared, { perOutput: { y: { cosineMin: 0.999, top1AgreeMin: 0.98 } } }).slice(1)).toEqual([
      'Output `y`: 1,940 of 2,000 rows have their largest element at the same place; at least 98 % is asked for.',
      'Output `y`: the cosine similarity of the worst sample is 0.9912; at least 0.999 is asked for.'
    ])
  })

  test('tokens', () => {
    const counts = { samples: 2, identicalSamples: 0, baselineTokens: 256, candidateTokens: 128, prefixTokens: 40 }
    const tokens = {
      statistics: counts,
      firstDifference: { sampleIndex: 1, position: 12, baseline: 318, candidate: null },
      noise: null
    }
    expect(told(facts({ outputs: [], tokens })).slice(1)).toEqual([
      'Decoded tokens: 15.6 % of the baseline’s are the same from the start; at least 95 % is asked for. The earliest difference is in sample 1 at token 12: 318 became the end.',
      'Decoded tokens: the candidate made 0.5 times as many (128 for 256); 0.9 to 1.1 times is allowed.'
    ])
  })
})

test('names and texts of a model stay apart from our words', () => {
  const hostile = '</details> @everyone `x`'
  const worst: WorstElement = {
    ...WORST,
    baseline: { kind: 'text', text: '**yes**' },
    candidate: { kind: 'text', text: '![](http://x)' }
  }
  const judgement = judgeOutputs({
    policy: policy(),
    modelIdentical: true,
    facts: facts({
      onlyCandidate: [hostile],
      outputs: [output(hostile, { worst, statistics: { mismatched: 1 } })]
    })
  })
  const ours = describeEquivalence(judgement)
    .flat()
    .filter((part) => typeof part === 'string')
    .join('')
  expect(ours).not.toMatch(/everyone|yes|http|<|`/)
})

describe('when nothing differs', () => {
  test('it says on how much', () => {
    expect(told(facts({ outputs: [output('a'), output('b')] }))).toEqual([
      'Both sides give the same answers: 2 outputs on 16 samples.'
    ])
  })

  test('notes follow', () => {
    const nonFinite = { baseline: { nan: 1, infinite: 2 }, candidate: { nan: 1, infinite: 2 } }
    expect(
      told(
        facts({
          outputs: [output('a', { nonFinite }), output('b', { noise: steady({ allowedShare: 1 }) })],
          onlyCandidate: ['aux'],
          samplesCompared: 3,
          outputsLeftOut: 1
        })
      ).slice(1)
    ).toEqual([
      'Output `a` of the baseline holds 1 NaN and 2 infinities.',
      'Output `b` of the baseline varies so much from run to run that no difference could be told from it.',
      'Output `aux` is new: the baseline does not have it.',
      'Only 3 of 16 samples were compared; then time ran out.',
      'Left out: 1 further output of the model.'
    ])
  })

  test('differences that a stored judgement has no room for are counted', () => {
    const judgement = judgeOutputs({ policy: policy(), modelIdentical: true, facts: facts() })
    const notes = [{ kind: 'reasons_left_out', reasons: 3 }] as const
    expect(describeEquivalence({ ...judgement, notes }).map(plain)).toContain('Left out: 3 further differences.')
  })

  test('a baseline that decodes other tokens each time is told', () => {
    const same = { samples: 4, identicalSamples: 4, baselineTokens: 8, candidateTokens: 8, prefixTokens: 8 }
    const noise = { ...same, samples: 16, identicalSamples: 3 }
    const tokens = { statistics: same, firstDifference: null, noise }
    expect(told(facts({ outputs: [], tokens }))[1]).toBe(
      'The baseline decodes other tokens from run to run: 3 of 16 comparisons with itself were the same.'
    )
  })
})

describe('when nobody knows', () => {
  test.each([
    ['off', 'Outputs were not compared: the configuration switches it off.'],
    ['too_large', 'Outputs were not compared, because they are too large: `Message.`'],
    ['out_of_time', 'Outputs were not compared, because time ran out: `Message.`'],
    ['failed', 'Outputs could not be compared: `Message.`']
  ] as const)('%s', (reason, sentence) => {
    const judgement = judgeOutputs({
      policy: policy(),
      modelIdentical: true,
      facts: { status: 'not_compared', reason, message: 'Message.' }
    })
    expect(describeEquivalence(judgement).map(plain)).toEqual([
      'Nobody knows whether the outputs are the same.',
      sentence
    ])
  })

  test('what was switched off is said once', () => {
    const judgement = judgeOutputs({
      policy: policy({ mode: 'off' }),
      modelIdentical: true,
      facts: { status: 'not_compared', reason: 'off', message: 'Comparing outputs is switched off.' }
    })
    expect(describeEquivalence(judgement).map(plain)).toEqual([
      'Outputs are not compared: the configuration switches it off.'
    ])
  })

  test('an older worker', () => {
    const judgement = judgeOutputs({ policy: policy(), modelIdentical: true, facts: null })
    expect(describeEquivalence(judgement).map(plain)[1]).toBe(
      'The worker that measured this does not compare outputs: update it.'
    )
  })
})
