import { describe, expect, test } from 'vitest'
import type { OutputReason } from '#src/equivalence/output-judgement.ts'
import { toPlainText } from '#src/report/clean-text.ts'
import type { CaseChecks } from '#src/report/outcome.ts'
import { buildReport } from '#src/report/report-model.ts'
import type { Judged } from '#src/report/unmeasured.ts'
import { budget, checksOf, DROPPED, differing, elementsDiffer } from './sample-checks.ts'
import { CASE_ID, caseWith, IDENTITY, judged } from './sample-outcomes.ts'

const BROKEN = [budget(CASE_ID, 'broken', { limit: 20, candidate: 21.3, baseline: 18 })]
const OTHER_ANSWERS = differing('not_equivalent', [elementsDiffer('scores')])

function run(verdict: 'improvement' | 'unchanged' | 'regression', ...checks: readonly CaseChecks[]): Judged {
  const change = { improvement: -0.2, unchanged: 0.001, regression: 0.3 }[verdict]
  return judged(verdict, [caseWith(CASE_ID, verdict, change)], { checks })
}

function headline(outcome: Judged): string {
  return toPlainText(buildReport(IDENTITY, outcome).headline)
}

describe('the order of headlines', () => {
  test('other answers come before everything else', () => {
    const checks = [
      checksOf(CASE_ID, { budgets: BROKEN, accuracy: DROPPED }),
      checksOf('other/default/offline', { equivalence: OTHER_ANSWERS })
    ]
    expect(headline(run('regression', ...checks))).toMatch(/^Not equivalent: output scores of other\/default\/offline/)
  })

  test('accuracy comes before budgets, budgets before speed', () => {
    expect(headline(run('improvement', checksOf(CASE_ID, { budgets: BROKEN, accuracy: DROPPED })))).toMatch(
      /^Less accurate: .* 97.2 % on the baseline, 94 % on the candidate\.$/
    )
    expect(headline(run('regression', checksOf(CASE_ID, { budgets: BROKEN })))).toBe(
      `Over budget: p99 of ${CASE_ID} is 21.3 ms (20.4 ms to 22.2 ms); your budget is at most 20 ms; the baseline keeps it.`
    )
  })

  test('of several broken budgets the one that is broken most is told', () => {
    const worse = budget(CASE_ID, 'broken', { limit: 5, candidate: 21, baseline: 4 }, { name: 'p50Ms' })
    expect(headline(run('improvement', checksOf(CASE_ID, { budgets: [...BROKEN, worse] })))).toMatch(
      /^Over budget: p50/
    )
  })

  test('what is undecided is not called faster or unchanged', () => {
    const budgets = [budget(CASE_ID, 'undecided', { limit: 20, candidate: 19.8, baseline: 19 })]
    const outcome = run('improvement', checksOf(CASE_ID, { budgets }))
    expect(headline(outcome)).toBe(
      `Inconclusive: p99 of ${CASE_ID} may be anything from 19 ms to 20.6 ms; your budget is at most 20 ms.`
    )
    expect(buildReport(IDENTITY, outcome).conclusion).toBe('neutral')
  })

  test('a regression is told although budgets are undecided', () => {
    const budgets = [budget(CASE_ID, 'undecided', { limit: 20, candidate: 19.8, baseline: 19 })]
    expect(headline(run('regression', checksOf(CASE_ID, { budgets })))).toMatch(/^Regression: /)
  })

  test('accuracy that was asked for and not checked leaves a doubt', () => {
    const accuracy = {
      ...DROPPED,
      verdict: 'not_checked',
      baseline: null,
      reason: { kind: 'not_scored', message: 'The labels cannot be read.' }
    } as const
    expect(headline(run('improvement', checksOf(CASE_ID, { accuracy })))).toBe(
      `Inconclusive: ${CASE_ID}. Accuracy was not checked: The labels cannot be read.`
    )
  })

  test('outputs that `block` could not compare leave a doubt, those of `auto` do not', () => {
    const unchecked = { ...OTHER_ANSWERS, verdict: 'not_checked', reasons: [] } as const
    const asked = checksOf(CASE_ID, { equivalence: { ...unchecked, modeFrom: 'policy' } })
    expect(headline(run('improvement', asked))).toMatch(/^Inconclusive: nobody knows whether the outputs of/)
    expect(headline(run('improvement', checksOf(CASE_ID, { equivalence: unchecked })))).toMatch(/^Improvement: /)
  })

  test('an improvement with other answers says so in the same breath', () => {
    const equivalence = differing('differs', [elementsDiffer('scores')])
    expect(headline(run('improvement', checksOf(CASE_ID, { equivalence })))).toMatch(
      /^Improvement: .* Outputs differ in 1 case, which is only reported\.$/
    )
  })
})

const REASONS: readonly (readonly [OutputReason, string])[] = [
  [{ kind: 'output_missing', output: 'o' }, `output o of ${CASE_ID} is missing.`],
  [
    { kind: 'shape_differs', output: 'o', shapes: { baseline: [1], candidate: [2] }, samples: 1, firstSample: 0 },
    `output o of ${CASE_ID} changed its shape.`
  ],
  [
    { kind: 'type_differs', output: 'o', types: { baseline: 'float32', candidate: 'float16' } },
    `output o of ${CASE_ID} became float16, was float32.`
  ],
  [
    { kind: 'not_finite', output: 'o', elements: 1, ofElements: 9, worst: null },
    `output o of ${CASE_ID} has NaN or infinity in 1 element where the baseline has numbers.`
  ],
  [
    { kind: 'cosine_low', output: 'o', cosine: 0.91, limit: 0.99 },
    `output o of ${CASE_ID} differs: its cosine similarity is 0.91, at least 0.99 is asked for.`
  ],
  [
    { kind: 'top1_low', output: 'o', agreed: 80, rows: 100, limit: 0.99 },
    `output o of ${CASE_ID} differs: 80 rows of 100 agree on the largest element, at least 99 % is asked for.`
  ]
]

test.each(REASONS)('the headline of %o', (reason, words) => {
  const checks = checksOf(CASE_ID, { equivalence: differing('not_equivalent', [reason]) })
  expect(headline(run('improvement', checks))).toBe(`Not equivalent: ${words}`)
})

test('no report of other answers or broken budgets calls its case fast in the headline', () => {
  for (const checks of [checksOf(CASE_ID, { budgets: BROKEN }), checksOf(CASE_ID, { accuracy: DROPPED })]) {
    expect(headline(run('improvement', checks))).not.toMatch(/faster|Improvement/)
  }
})

test('every step about answers and budgets is said once', () => {
  const budgets = [...BROKEN, budget(CASE_ID, 'broken', { limit: 5, candidate: 21, baseline: 4 })]
  const steps = buildReport(IDENTITY, run('improvement', checksOf(CASE_ID, { budgets }))).nextSteps.map(toPlainText)
  expect(steps).toEqual([
    'Make the cases above keep their budgets, or change the budgets (budgets) on the base branch in a pull request of its own.'
  ])
})
