import { expect, test } from 'vitest'
import { openBuiltIn, selectCases } from '#src/cli/calibrate/calibration-source.ts'
import { caseSpec } from '#test/fixtures/measuring/small-job.ts'

const CASES = [caseSpec('vad'), caseSpec('ocr')]

test('without names all cases are taken, with names those, in the order of the configuration', () => {
  expect(selectCases(CASES, [])).toEqual(CASES)
  expect(selectCases(CASES, ['ocr/default/single_stream', 'vad/default/single_stream'])).toEqual(CASES)
  expect(selectCases(CASES, ['ocr/default/single_stream'])).toEqual([CASES[1]])
})

test('an unknown case is refused with the closest and with all there are', () => {
  expect(() => selectCases(CASES, ['vda/default/single_stream'])).toThrow(
    [
      '--cases: there is no case vda/default/single_stream. Did you mean vad/default/single_stream? There are:',
      '  vad/default/single_stream',
      '  ocr/default/single_stream'
    ].join('\n')
  )
})

test('of many cases only some are listed', () => {
  const many = Array.from({ length: 25 }, (_, index) => caseSpec(`model-${index}`))

  expect(() => selectCases(many, ['nothing-like-it'])).toThrow(/model-19\/default\/single_stream\n {2}… and 5 more$/)
})

test('the built-in model is one case', () => {
  const { plan } = openBuiltIn()

  expect(plan.cases.map(({ id }) => id)).toEqual(['built-in/default/single_stream'])
})
