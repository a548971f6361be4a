import { describe, expect, test } from 'vitest'
import { parseLabels } from '#workers/outputs/parse-labels.ts'

describe('labels are', () => {
  test.each([
    ['[3, 1]', [[3], [1]]],
    ['[[3, 1], [2]]', [[3, 1], [2]]],
    ['[[[1, 2], [3, 4]]]', [[1, 2, 3, 4]]],
    ['["cat", ["a", "b"]]', [['cat'], ['a', 'b']]],
    ['[true, false]', [[1], [0]]],
    ['[]', []],
    ['[[]]', [[]]]
  ])('%s', (text, labels) => {
    expect(parseLabels(text, 'labels.json')).toEqual({ ok: true, labels })
  })
})

describe('refused is', () => {
  test.each([
    ['{"a": 1}', 'must be a list'],
    ['[1', 'is not JSON'],
    ['[null]', '[0] must be a number'],
    ['[1, {"class": 2}]', '[1] must be a number'],
    ['[[1, [2]]]', '[0] must be a number'],
    [`[${'['.repeat(40)}1${']'.repeat(40)}]`, 'not too deep'],
    [`[${'0,'.repeat(100_000)}0]`, 'more than 100000 labels']
  ])('%.20s', (text, problem) => {
    const parsed = parseLabels(text, 'data/labels.json')
    expect(parsed.ok ? '' : parsed.message).toContain(problem)
    expect(parsed.ok ? '' : parsed.message).toContain('`data/labels.json`')
  })
})
