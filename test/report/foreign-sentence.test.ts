import { expect, test } from 'vitest'
import { toMarkdown } from '#src/report/escape-markdown.ts'
import { fromSentence, joinSentences } from '#src/report/foreign-sentence.ts'

test('places, shapes and tolerances stand as code', () => {
  const sentence = [
    'Output ',
    { code: 'a|b' },
    ', element [0, 17]: 4 of 9 elements beyond 3 × (0.0001 + 0.001 × |baseline|).'
  ]

  expect(toMarkdown(fromSentence(sentence))).toBe(
    'Output `a|b`, element `[0, 17]`: 4 of 9 elements beyond `3 × (0.0001 + 0.001 × |baseline|)`.'
  )
})

test.each([
  ['token 1234567 became 12', 'token `1234567` became 12'],
  ['beyond 1e−7 + 0 × |baseline|', 'beyond `1e−7 + 0 × |baseline|`'],
  ['1,234,567 elements of 2,048', '1,234,567 elements of 2,048'],
  ['decades of defaced walls', 'decades of `defaced` walls']
])('%j becomes %j', (words, markdown) => {
  expect(toMarkdown(fromSentence([words]))).toBe(markdown)
})

test('a message at the end is told as prose, a name is not', () => {
  expect(toMarkdown(fromSentence(['Outputs could not be compared: ', { code: 'no room for m/a.onnx.' }]))).toBe(
    'Outputs could not be compared: no room for `m/a.onnx`.'
  )
  expect(toMarkdown(fromSentence(['Output ', { code: 'two words' }]))).toBe('Output `two words`')
})

test('sentences are joined by spaces', () => {
  expect(joinSentences([['A.'], [{ code: 'b' }, '.'], ['C.']])).toEqual(['A.', ' ', { code: 'b' }, '.', ' ', 'C.'])
})
