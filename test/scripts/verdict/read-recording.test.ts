import { describe, expect, test } from 'vitest'
import type { Measurements } from '#contracts/measurements.ts'
import { parseEffect } from '#src/scripts/bench/verdict/injected-effect.ts'
import { findProblem, readRecording } from '#src/scripts/bench/verdict/read-recording.ts'
import { block } from '#test/stats/build-measurements.ts'

function measurementsOf(...cases: readonly (readonly [id: string, launches: number])[]): Measurements {
  return {
    format: 'tailgate.measurements/1',
    cases: cases.map(([id, launches]) => ({
      id,
      blocks: Array.from({ length: launches }, (_, launch) => block('baseline', [1], { launch }))
    }))
  }
}

describe('effects by the id of the case', () => {
  test.each([
    ['slower-0pct', { kind: 'identical' }],
    ['slower-2.5pct', { kind: 'slower', percent: 2.5 }],
    ['tail-3pct-of-requests-50pct-slower', { kind: 'tail' }],
    ['tail-', null],
    ['slower--1pct', null],
    ['vad', null]
  ])('%s', (id, effect) => {
    expect(parseEffect(id)).toEqual(effect)
  })
})

describe('recordings that cannot be drawn from', () => {
  test.each([
    [
      measurementsOf(['vad', 12]),
      'case "vad" does not say what was done to the candidate. Name it slower-0pct (identical code), slower-<percent>pct or tail-<anything>.'
    ],
    [
      measurementsOf(['slower-5pct', 12]),
      'has no case of identical code. False alarms cannot be counted without: record one as slower-0pct.'
    ],
    [
      measurementsOf(['slower-0pct', 12], ['slower-0.0pct', 12]),
      'has 2 cases of identical code. False alarms cannot be counted without: record one as slower-0pct.'
    ],
    [
      measurementsOf(['slower-0pct', 12], ['slower-5pct', 11]),
      'case "slower-5pct" has 11 launches. Record at least 12.'
    ]
  ])('%#', (measurements, problem) => {
    expect(findProblem(measurements)).toBe(problem)
  })

  test('a sound one has no problem', () => {
    expect(findProblem(measurementsOf(['slower-0pct', 12], ['tail-x', 12]))).toBeNull()
  })

  test('a file that is not there', async () => {
    expect(await readRecording('nowhere/launches.json')).toEqual({
      kind: 'bad_file',
      message: 'nowhere/launches.json: there is no such file. Check the path.'
    })
  })
})
