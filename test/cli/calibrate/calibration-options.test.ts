import { describe, expect, test } from 'vitest'
import { readCalibrateOptions } from '#src/cli/calibrate/calibration-options.ts'
import { describeInjection, injectionId, parseInjection } from '#src/cli/calibrate/injection.ts'

describe('a slowdown to inject', () => {
  test.each([
    ['5%', { fraction: 0.05, share: 1 }, 'slower-5pct', '5 % on every request'],
    ['2.5 %', { fraction: 0.025, share: 1 }, 'slower-2.5pct', '2.5 % on every request'],
    ['0%', { fraction: 0, share: 1 }, 'slower-0pct', 'nothing (identical code)'],
    [
      '50%@3%',
      { fraction: 0.5, share: 0.03 },
      'tail-3pct-of-requests-50pct-slower',
      '50 % on a random 3 % of the requests'
    ]
  ])('%s', (text, injection, id, description) => {
    expect(parseInjection(text)).toEqual(injection)
    expect(injectionId(injection)).toBe(id)
    expect(describeInjection(injection)).toBe(description)
  })

  test.each([
    ['5', '"5" is no slowdown. Did you mean 5%?'],
    ['-5%', '"-5%" is no slowdown. Write 5%'],
    ['5%@', '"5%@" is no slowdown'],
    ['NaN%', '"NaN%" is no slowdown'],
    ['', '"" is no slowdown'],
    ['1001%', '1001 % is more than 1000 %'],
    ['5%@0%', 'a share of 0 % is not possible'],
    ['5%@101%', 'a share of 101 % is not possible']
  ])('%j is refused', (text, message) => {
    expect(() => parseInjection(text)).toThrow(message)
  })
})

describe('the options of calibrate', () => {
  test('nothing given leaves the defaults to the caller', () => {
    expect(readCalibrateOptions({})).toEqual({ comparisons: null, roundMs: null, injections: [] })
  })

  test('numbers are read in the units of the inside', () => {
    const options = readCalibrateOptions({ comparisons: '5', roundSeconds: '.5', inject: ['0%', '5%'] })

    expect(options).toMatchObject({ comparisons: 5, roundMs: 500 })
    expect(options.injections).toHaveLength(2)
  })

  test.each([
    [{ comparisons: '0' }, '--comparisons: "0" is no whole number between 1 and 166.'],
    [{ comparisons: '167' }, '"167"'],
    [{ comparisons: '2.5' }, '"2.5"'],
    [{ comparisons: 'many' }, '"many"'],
    [{ roundSeconds: '0.1' }, '--round-seconds: "0.1" is no number of seconds between 0.2 and 600.'],
    [{ roundSeconds: '1e3' }, '"1e3"'],
    [{ roundSeconds: '601' }, '"601"'],
    [{ ref: 'main' }, '--ref: main names a commit of a repository.'],
    [{ inject: ['5%', '5 %'] }, 'slower-5pct is given twice']
  ])('%j is refused', (flags, message) => {
    expect(() => readCalibrateOptions(flags)).toThrow(message)
  })
})
