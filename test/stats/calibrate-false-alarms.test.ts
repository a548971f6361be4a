import { describe, expect, test } from 'vitest'
import { alarmProbability, alarmsToDistrust, countFalseAlarms } from '#stats/calibrate-false-alarms.ts'
import { drawNormals } from '#test/fixtures/calibrations/simulate-rounds.ts'

describe('how many false alarms are too many', () => {
  test('the binomial tail has its published values', () => {
    expect(alarmProbability(20, 4)).toBeCloseTo(0.0159, 4)
    expect(alarmProbability(20, 3)).toBeCloseTo(0.0755, 4)
    expect(alarmProbability(20, 5)).toBeCloseTo(0.0026, 4)
    expect(alarmProbability(20, 0)).toBe(1)
  })

  test('one metric and twenty comparisons give the written rule: four', () => {
    expect(alarmsToDistrust(20, 1)).toBe(4)
  })

  test.each([1, 5, 15, 50, 500])('%i tests: the limit is the smallest that keeps the error', (tests) => {
    const limit = alarmsToDistrust(20, tests) ?? Number.NaN

    expect(tests * alarmProbability(20, limit)).toBeLessThanOrEqual(0.016)
    expect(tests * alarmProbability(20, limit - 1)).toBeGreaterThan(0.016)
  })

  test('so few comparisons that all may be chance have no limit', () => {
    expect(alarmsToDistrust(0, 1)).toBeNull()
    expect(alarmsToDistrust(1, 1)).toBeNull()
    expect(alarmsToDistrust(2, 1)).toBe(2)
    expect(alarmsToDistrust(2, 500)).toBeNull()
  })
})

describe('counting false alarms', () => {
  test('identical code gives one in twenty', () => {
    const { comparisons, falseAlarms } = countFalseAlarms('p50', drawNormals(12_000, 1))

    expect(comparisons).toBe(2000)
    expect(falseAlarms / comparisons).toBeGreaterThan(0.035)
    expect(falseAlarms / comparisons).toBeLessThan(0.065)
  })

  test('differences in either direction count', () => {
    const slower = [1, 1.1, 0.9, 1.05, 0.95, 1]

    expect(countFalseAlarms('p50', slower)).toEqual({ comparisons: 1, falseAlarms: 1 })
    expect(countFalseAlarms('p50', [...slower, ...slower.map((value) => -value)])).toEqual({
      comparisons: 2,
      falseAlarms: 2
    })
  })

  test('rounds left over are no comparison', () => {
    expect(countFalseAlarms('p99', [1, 1, 1, 1, 1])).toEqual({ comparisons: 0, falseAlarms: 0 })
    expect(countFalseAlarms('p99', drawNormals(17, 1)).comparisons).toBe(2)
  })
})
