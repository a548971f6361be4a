import { expect, test } from 'vitest'
import { toPlainText } from '#src/report/clean-text.ts'
import { groupCases, nameCases } from '#src/report/group-cases.ts'

test('the same text is said once, in the order of first mention', () => {
  const texts = ['a', 'b', 'c', 'd', 'e'].map((caseId) => ({ caseId, text: [caseId === 'b' ? 'Other.' : 'Same.'] }))

  expect(groupCases(texts).map(toPlainText)).toEqual(['a, c, d and 1 other case: Same.', 'b: Other.'])
})

test('a case is named once', () => {
  expect(toPlainText(nameCases(['a', 'a', 'b']))).toBe('a and b')
})
