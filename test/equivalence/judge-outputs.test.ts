import { describe, expect, test } from 'vitest'
import type { ComparedFacts, EquivalenceMode } from '#contracts/outputs.ts'
import { judgeOutputs } from '#src/equivalence/judge-outputs.ts'
import { facts, output, policy, statistics, steady } from './sample-facts.ts'

const OFF_BY_ONE = facts({ outputs: [output('scores', { statistics: { mismatched: 1 } })] })

function judge(compared: ComparedFacts, changes: Parameters<typeof policy>[0] = {}, modelIdentical = true) {
  return judgeOutputs({ policy: policy(changes), modelIdentical, facts: compared })
}

function kinds(compared: ComparedFacts, changes: Parameters<typeof policy>[0] = {}) {
  return judge(compared, changes).reasons.map(({ kind }) => kind)
}

describe('modes', () => {
  test.each<[EquivalenceMode, boolean, string, string]>([
    ['auto', true, 'block', 'not_equivalent'],
    ['auto', false, 'report', 'differs'],
    ['block', true, 'block', 'not_equivalent'],
    ['block', false, 'block', 'not_equivalent'],
    ['report', true, 'report', 'differs'],
    ['off', true, 'off', 'not_checked']
  ])('%s with an identical model (%s) is %s: %s', (mode, modelIdentical, effective, verdict) => {
    expect(judge(OFF_BY_ONE, { mode }, modelIdentical)).toMatchObject({ mode: effective, verdict })
  })

  test('nothing that differs is equivalent in either', () => {
    expect(judge(facts(), { mode: 'block' })).toMatchObject({ verdict: 'equivalent', reasons: [], notes: [] })
    expect(judge(facts(), { mode: 'report' }).verdict).toBe('equivalent')
  })

  test('an older worker, and one that could not compare, leave it open', () => {
    const older = judgeOutputs({ policy: policy(), modelIdentical: true, facts: null })
    expect(older).toMatchObject({ verdict: 'not_checked', notes: [{ kind: 'no_facts' }] })
    const failed = judgeOutputs({
      policy: policy(),
      modelIdentical: true,
      facts: { status: 'not_compared', reason: 'too_large', message: 'Too large.' }
    })
    expect(failed).toMatchObject({ verdict: 'not_checked', notes: [{ kind: 'not_compared', reason: 'too_large' }] })
  })

  test('nothing to compare is no agreement', () => {
    expect(judge(facts({ outputs: [] }))).toMatchObject({
      verdict: 'not_checked',
      notes: [{ kind: 'nothing_to_compare' }]
    })
  })
})

describe('what is not the same', () => {
  test('a missing output', () => {
    expect(kinds(facts({ onlyBaseline: ['boxes'] }))).toEqual(['output_missing'])
  })

  test('another shape', () => {
    const shapesDiffer = { samples: 2, firstSample: 3 }
    expect(kinds(facts({ outputs: [output('y', { shapesDiffer })] }))).toEqual(['shape_differs'])
  })

  test('another element type', () => {
    const types = { baseline: 'float32', candidate: 'float16' } as const
    expect(kinds(facts({ outputs: [output('y', { types })] }))).toEqual(['type_differs'])
  })

  test('more elements beyond the tolerance than may be', () => {
    const compared = facts({ outputs: [output('y', { statistics: { elements: 1000, mismatched: 10 } })] })
    const allow = (maxMismatchShare: number) => ({ default: { ...policy().default, maxMismatchShare } })
    expect(kinds(compared, allow(0.01))).toEqual([])
    expect(kinds(compared, allow(0.009))).toEqual(['elements_differ'])
  })

  test('a cosine or top-1 agreement below what is asked for', () => {
    const low = facts({ outputs: [output('y', { statistics: { cosineMin: 0.99, top1: { rows: 100, agreed: 97 } } })] })
    expect(kinds(low)).toEqual([])
    const asked = (cosineMin: number, top1AgreeMin: number) => ({ perOutput: { y: { cosineMin, top1AgreeMin } } })
    expect(kinds(low, asked(0.99, 0.97))).toEqual([])
    expect(kinds(low, asked(0.991, 0.98))).toEqual(['top1_low', 'cosine_low'])
  })

  test('limits for one output leave the others alone', () => {
    const low = { statistics: { cosineMin: 0.9 } }
    const compared = facts({ outputs: [output('a', low), output('b', low)] })
    const { reasons } = judge(compared, { perOutput: { b: { cosineMin: 0.95 } } })
    expect(reasons).toEqual([{ kind: 'cosine_low', output: 'b', cosine: 0.9, limit: 0.95 }])
  })

  test('a NaN, whatever share may differ', () => {
    const compared = facts({ outputs: [output('y', { statistics: { mismatched: 1, newNonFinite: 1 } })] })
    const lenient = { default: { ...policy().default, maxMismatchShare: 1 } }
    expect(kinds(compared, lenient)).toEqual(['not_finite'])
    expect(kinds(compared, { ...lenient, nanInf: 'allow' })).toEqual([])
    expect(kinds(compared, { nanInf: 'allow' })).toEqual(['elements_differ'])
  })

  test('the gravest comes first, then the largest share', () => {
    const compared = facts({
      onlyBaseline: ['gone'],
      outputs: [
        output('few', { statistics: { mismatched: 1 } }),
        output('many', { statistics: { mismatched: 900 } }),
        output('nan', { statistics: { mismatched: 1, newNonFinite: 1 } })
      ]
    })
    expect(
      judge(compared).reasons.map((reason) => ('output' in reason ? `${reason.kind} ${reason.output}` : ''))
    ).toEqual([
      'output_missing gone',
      'not_finite nan',
      'elements_differ many',
      'elements_differ few',
      'elements_differ nan'
    ])
  })

  test('an output that only the candidate has is noted', () => {
    expect(judge(facts({ onlyCandidate: ['aux'] }))).toMatchObject({
      verdict: 'equivalent',
      notes: [{ kind: 'output_added', output: 'aux' }]
    })
  })
})

describe('a baseline that varies', () => {
  const varying = steady({
    statistics: statistics({ mismatched: 120, cosineMin: 0.99, top1: { rows: 16, agreed: 15 } }),
    largestMultiple: 2,
    toleranceFactor: 6,
    allowedShare: 0.03
  })

  test('is told, and the candidate gets its share', () => {
    const compared = (mismatched: number) =>
      facts({ outputs: [output('y', { noise: varying, statistics: { mismatched } })] })
    expect(judge(compared(360))).toMatchObject({
      verdict: 'equivalent',
      notes: [{ kind: 'baseline_varies', output: 'y', mismatchedShare: 0.01, toleranceFactor: 6, allowedShare: 0.03 }]
    })
    expect(judge(compared(361)).verdict).toBe('not_equivalent')
  })

  test('lowers what is asked of cosine and top-1', () => {
    const compared = (cosineMin: number, agreed: number) =>
      facts({ outputs: [output('y', { noise: varying, statistics: { cosineMin, top1: { rows: 16, agreed } } })] })
    const asked = { perOutput: { y: { cosineMin: 0.999, top1AgreeMin: 1 } } }
    expect(kinds(compared(0.97, 13), asked)).toEqual([])
    expect(kinds(compared(0.9699, 12), asked)).toEqual(['top1_low', 'cosine_low'])
  })

  test('with NaNs of its own does not make one NaN of the candidate a fault', () => {
    const noise = steady({ statistics: statistics({ newNonFinite: 3 }), allowedShare: 0.01 })
    const compared = facts({ outputs: [output('y', { noise, statistics: { mismatched: 2, newNonFinite: 2 } })] })
    expect(judge(compared).verdict).toBe('equivalent')
  })

  test('so much that nothing could differ leaves it open', () => {
    const noise = steady({ allowedShare: 1 })
    expect(judge(facts({ outputs: [output('y', { noise, statistics: { mismatched: 12_000 } })] }))).toMatchObject({
      verdict: 'not_checked',
      notes: [{ kind: 'baseline_hides', output: 'y' }]
    })
    expect(judge(facts({ outputs: [output('y', { noise }), output('z')] })).verdict).toBe('equivalent')
  })

  test('with a NaN that the candidate has too is noted', () => {
    const nonFinite = { baseline: { nan: 2, infinite: 0 }, candidate: { nan: 2, infinite: 0 } }
    expect(judge(facts({ outputs: [output('y', { nonFinite })] }))).toMatchObject({
      verdict: 'equivalent',
      notes: [{ kind: 'baseline_not_finite', nan: 2 }]
    })
  })
})

describe('tokens', () => {
  const counts = (prefixTokens: number, candidateTokens = 1000) => ({
    samples: 10,
    identicalSamples: prefixTokens === 1000 ? 10 : 5,
    baselineTokens: 1000,
    candidateTokens,
    prefixTokens
  })
  const tokens = (prefixTokens: number, candidateTokens = 1000, noise = counts(1000)) =>
    facts({ outputs: [], tokens: { statistics: counts(prefixTokens, candidateTokens), firstDifference: null, noise } })

  test('must agree from the start in 95 %', () => {
    expect(kinds(tokens(1000))).toEqual([])
    expect(kinds(tokens(950))).toEqual([])
    expect(kinds(tokens(949))).toEqual(['tokens_differ'])
  })

  test('must be about as many', () => {
    expect(kinds(tokens(1000, 1100))).toEqual([])
    expect(kinds(tokens(950, 899))).toEqual(['length_differs'])
    expect(kinds(tokens(1000, 1101))).toEqual(['length_differs'])
  })

  test('of a baseline that decodes others each time are not blamed on the candidate', () => {
    const noise = counts(800, 950)
    expect(judge(tokens(400, 850, noise))).toMatchObject({ verdict: 'equivalent', notes: [{ kind: 'tokens_vary' }] })
    expect(kinds(tokens(399, 849, noise))).toEqual(['tokens_differ', 'length_differs'])
  })

  test('where there are none do not differ', () => {
    const none = { samples: 1, identicalSamples: 1, baselineTokens: 0, candidateTokens: 0, prefixTokens: 0 }
    const some = { ...none, candidateTokens: 5 }
    const of = (statistics: typeof none) =>
      facts({ outputs: [], tokens: { statistics, firstDifference: null, noise: null } })
    expect(kinds(of(none))).toEqual([])
    expect(kinds(of(some))).toEqual(['length_differs'])
  })
})

test('fewer samples and outputs than planned are noted', () => {
  const { notes } = judge(facts({ samplesCompared: 3, outputsLeftOut: 7 }))
  expect(notes).toEqual([
    { kind: 'fewer_samples', compared: 3, planned: 16 },
    { kind: 'outputs_left_out', outputs: 7 }
  ])
})
