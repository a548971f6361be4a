import { expect, test } from 'vitest'
import { toMarkdown } from '#src/report/escape-markdown.ts'
import { proseFromUntrusted } from '#src/report/untrusted-prose.ts'

test.each([
  [
    'what its author marked as code stays whole',
    'Run `python -c "import onnx; onnx.load(PATH)"` first.',
    'Run `python -c "import onnx; onnx.load(PATH)"` first.'
  ],
  ['a colon inside code does not tear it', 'Start with `version: 1` and go on.', 'Start with `version: 1` and go on.'],
  [
    'a change with its interval stays prose',
    'Now +1.8 % (−0.3 % to +3.9 %), ±2 % in 40 s.',
    'Now +1.8 % (−0.3 % to +3.9 %), ±2 % in 40 s.'
  ],
  ['a mention becomes code', 'Ask @acme/team about it.', 'Ask `@acme/team` about it.']
])('%s', (_name, sentence, markdown) => {
  expect(toMarkdown(proseFromUntrusted(sentence))).toBe(markdown)
})
