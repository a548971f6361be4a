import { describe, expect, test } from 'vitest'
import type { CaseCalibration, MetricCalibration } from '#contracts/calibration.ts'
import { metricsOf } from '#contracts/metric.ts'
import { countFalseAlarms } from '#stats/calibrate-false-alarms.ts'
import { judgeCalibration } from '#stats/calibrate-trust.ts'
import { testMean } from '#stats/test-rounds.ts'
import { sampleCalibration } from '#test/fixtures/calibrations/sample-calibration.ts'
import { drawNormals } from '#test/fixtures/calibrations/simulate-rounds.ts'

function caseWith(changes: Partial<MetricCalibration>, others: readonly Partial<MetricCalibration>[] = []) {
  const [sample] = sampleCalibration().cases
  const [metric] = sample?.metrics ?? []
  if (sample === undefined || metric === undefined) throw new Error('The sample has a metric.')
  return { ...sample, metrics: [changes, ...others].map((change) => ({ ...metric, ...change })) }
}

describe('trust in a machine', () => {
  test('twenty comparisons without too many alarms are trusted', () => {
    expect(judgeCalibration([caseWith({ falseAlarms: 3 })])).toEqual({ trust: 'trusted', problems: [] })
  })

  test('four alarms of twenty in the only metric are too many, and the sentence says which', () => {
    const { trust, problems } = judgeCalibration([caseWith({ falseAlarms: 4 })])

    expect(trust).toBe('untrusted')
    expect(problems).toEqual([
      'p50 of built-in: 4 of 20 comparisons of identical commits differed at 5 %; chance explains at most 3.'
    ])
  })

  test('four alarms of twenty in one of five metrics may be chance', () => {
    const others = metricsOf()
      .slice(1)
      .map((metric) => ({ metric, falseAlarms: 0 }))

    expect(judgeCalibration([caseWith({ falseAlarms: 4 }, others)]).trust).toBe('trusted')
    expect(judgeCalibration([caseWith({ falseAlarms: 5 }, others)]).trust).toBe('untrusted')
  })

  test.each([
    ['fewer comparisons than twenty', [caseWith({ comparisons: 19, falseAlarms: 0 })]],
    ['one of two cases too short', [caseWith({}), caseWith({ comparisons: 5, falseAlarms: 0 })]],
    ['a case without p50', [caseWith({ metric: 'p95' })]],
    ['no cases', []]
  ])('%s is too short, never trusted', (_name, cases: CaseCalibration[]) => {
    expect(judgeCalibration(cases)).toEqual({ trust: 'too_short', problems: [] })
  })

  test('a short calibration that errs beyond chance is untrusted all the same', () => {
    expect(judgeCalibration([caseWith({ comparisons: 5, falseAlarms: 5 })]).trust).toBe('untrusted')
  })

  test('a bias is told with its size and direction', () => {
    const slower = judgeCalibration([caseWith({ bias: 0.009, biasPValue: 0.0001 })])
    const faster = judgeCalibration([caseWith({ metric: 'slow_share', bias: -0.004, biasPValue: 0.0001 })])

    expect(slower).toEqual({
      trust: 'untrusted',
      problems: [
        'p50 of built-in: the candidate was 0.90 % slower than the baseline with the same commit on both sides (p = 0.00010, 120 rounds).'
      ]
    })
    expect(faster.problems[0]).toContain('0.40 percentage points fewer slow requests')
  })

  test('a bias is not looked for before fifty rounds', () => {
    const { problems } = judgeCalibration([caseWith({ rounds: 48, comparisons: 8, biasPValue: 1e-9 })])

    expect(problems).toEqual([])
  })

  test('problems of a thousand cases with endless names fit their contract', () => {
    const bad = { ...caseWith({ falseAlarms: 20, biasPValue: 0 }), caseId: 'x'.repeat(500) }
    const { problems } = judgeCalibration(Array.from({ length: 1000 }, () => bad))

    expect(problems).toHaveLength(50)
    expect(Math.max(...problems.map((problem) => problem.length))).toBeLessThanOrEqual(500)
  })

  test('a valid machine with five metrics is rarely called untrusted, a biased one always', () => {
    function simulateMachine(seed: number, bias: number) {
      const metrics = metricsOf().map((metric, index) => {
        const slowdowns = drawNormals(120, 5 * seed + index).map((value) => bias + 0.01 * value)
        const { estimate, pValue } = testMean(slowdowns)
        return { metric, ...countFalseAlarms(metric, slowdowns), bias: estimate, biasPValue: pValue, rounds: 120 }
      })
      return judgeCalibration([caseWith(metrics[0] ?? {}, metrics.slice(1))]).trust
    }
    const valid = Array.from({ length: 300 }, (_, seed) => simulateMachine(seed, 0))
    const biased = Array.from({ length: 30 }, (_, seed) => simulateMachine(seed, 0.009))

    expect(valid.filter((trust) => trust === 'untrusted').length / valid.length).toBeLessThan(0.045)
    expect(biased.every((trust) => trust === 'untrusted')).toBe(true)
  })
})
