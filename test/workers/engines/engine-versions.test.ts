import { describe, expect, test } from 'vitest'
import {
  compareVersions,
  describeAllowedEngines,
  isAllowedEngine,
  nearestVersions,
  parseAllowedEngines
} from '#workers/engines/engine-versions.ts'

describe('parseAllowedEngines', () => {
  test.each([
    ['none', { kind: 'none' }],
    [' >=1.24.1 ', { kind: 'range', oldest: '1.24.1', newest: null }],
    ['1.24.1 - 1.30.0', { kind: 'range', oldest: '1.24.1', newest: '1.30.0' }],
    ['1.29.0', { kind: 'list', versions: ['1.29.0'] }],
    ['1.29.0, 1.30.0', { kind: 'list', versions: ['1.29.0', '1.30.0'] }]
  ])('reads %j', (text, allowed) => {
    expect(parseAllowedEngines(text)).toEqual({ ok: true, allowed })
  })

  test.each([
    ['', 'is no version'],
    ['all', '"all" is no version'],
    ['>=1.24', '"1.24" is no version'],
    ['1.24.1 - ', 'is no version'],
    ['1.24.1 - 1.25.1 - 1.26.0', 'is no version'],
    ['1.29.0 1.30.0', 'is no version'],
    ['1.30.0-dev.1', 'is no version'],
    ['>=1.21.1', '1.21.1 is older than 1.22.0'],
    ['1.30.0 - 1.29.0', '1.30.0 is newer than 1.29.0']
  ])('refuses %j', (text, problem) => {
    expect(parseAllowedEngines(text)).toEqual({ ok: false, problem: expect.stringContaining(problem) })
  })
})

describe('isAllowedEngine', () => {
  test.each([
    ['none', '1.30.0', false],
    ['1.29.0, 1.30.0', '1.29.0', true],
    ['1.29.0, 1.30.0', '1.28.0', false],
    ['1.24.1 - 1.30.0', '1.24.1', true],
    ['1.24.1 - 1.30.0', '1.30.0', true],
    ['1.24.1 - 1.30.0', '1.30.1', false],
    ['1.24.1 - 1.30.0', '1.24.0', false],
    ['>=1.24.1', '2.0.0', true],
    ['>=1.24.1', '1.9.0', false]
  ])('with %j, %s: %s', (text, version, expected) => {
    const parsed = parseAllowedEngines(text)
    if (!parsed.ok) throw new Error(parsed.problem)
    expect(isAllowedEngine(version, parsed.allowed)).toBe(expected)
  })

  test('knows no list that lets old engines in', () => {
    expect(isAllowedEngine('1.21.1', { kind: 'list', versions: ['1.21.1'] })).toBe(false)
  })
})

test('compareVersions goes by number, not by letter', () => {
  expect(['1.10.0', '1.9.0', '1.9.10', '2.0.0', '1.9.2'].toSorted(compareVersions)).toEqual([
    '1.9.0',
    '1.9.2',
    '1.9.10',
    '1.10.0',
    '2.0.0'
  ])
})

test('nearestVersions gives the neighbours on both sides', () => {
  const releases = ['1.30.0', '1.20.0', '1.27.0', '1.26.0', '1.29.0', '1.31.0']
  expect(nearestVersions('1.28.0', releases)).toEqual(['1.26.0', '1.27.0', '1.29.0', '1.30.0'])
  expect(nearestVersions('1.99.0', releases)).toEqual(['1.30.0', '1.31.0'])
})

test('describeAllowedEngines follows "allows"', () => {
  expect(describeAllowedEngines({ kind: 'none' })).toBe('no version but its own')
  expect(describeAllowedEngines({ kind: 'range', oldest: '1.24.1', newest: null })).toBe('1.24.1 and newer ones')
  expect(describeAllowedEngines({ kind: 'range', oldest: '1.24.1', newest: '1.30.0' })).toBe('1.24.1 to 1.30.0')
  expect(describeAllowedEngines({ kind: 'list', versions: ['1.29.0', '1.30.0'] })).toBe('1.29.0, 1.30.0')
})
