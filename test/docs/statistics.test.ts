import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { Measurements } from '#contracts/measurements.ts'
import { judgeFile } from '#src/cli/judge.ts'
import { renderComparison } from '#src/cli/render-comparison.ts'
import { decideRun } from '#stats/decide-run.ts'
import { GAMMA_PER_LOOK } from '#stats/judge-settings.ts'
import { lookAt } from '#stats/look-at.ts'
import { summariseRounds } from '#stats/summarise-rounds.ts'
import { halfWidthOf, type RoundTest } from '#stats/test-rounds.ts'
import { PLANNED_LOOKS } from '#test/stats/build-measurements.ts'

const DOCS = join(import.meta.dirname, '../../docs')
const EXAMPLE = join(DOCS, 'examples/two-percent.json.gz')
const PAGE = readFileSync(join(DOCS, 'statistics.md'), 'utf8')
const SECTION = /## A worked example\n([\s\S]*?)\n## /.exec(PAGE)?.[1] ?? ''
const TEXT = SECTION.replaceAll(/\n {2}/g, ' ')

const measured = Measurements.parse(JSON.parse(gunzipSync(readFileSync(EXAMPLE)).toString())).cases[0]
const rounds = summariseRounds(measured?.blocks ?? [])

/** On the scale of the test, in percent. */
function testP50(count: number): RoundTest {
  const [decided] = decideRun([{ id: 'example', rounds: rounds.slice(0, count) }]).cases
  const p50 = decided?.metrics.find(({ metric }) => metric === 'p50')
  if (p50?.assessment.kind !== 'tested') throw new Error('p50 was not tested.')
  return p50.assessment.test
}

function percent(value: number): string {
  return (100 * value).toFixed(2).replace('-', '−')
}

test('the worked example prints what the page shows', async () => {
  const outcome = await judgeFile(EXAMPLE, null)

  if (outcome.kind !== 'judged') throw new Error(outcome.message)
  const shown = /```text\n([\s\S]*?)```/.exec(SECTION)?.[1] ?? ''
  expect(shown.trimEnd()).toBe(renderComparison(outcome.comparison).trimEnd())
})

test('the page follows the numbers of the worked example', () => {
  const ratios = rounds.map(({ effects }) => percent(effects.p50?.slowdown ?? Number.NaN))
  const early = testP50(6)
  const late = testP50(9)
  const bounds = (of: RoundTest) => [-1, 1].map((sign) => percent(of.estimate + sign * halfWidthOf(of, GAMMA_PER_LOOK)))

  expect(TEXT).toContain(`in percent: ${ratios.join(', ')}.`)
  expect(TEXT).toContain(
    `the mean is ${percent(early.estimate)} and its standard error ${percent(early.standardError)}`
  )
  expect(TEXT).toContain(`p = ${early.pValue.toFixed(3)}, an interval from ${bounds(early).join(' to ')}`)
  expect(TEXT).toContain(`the seven others is ${percent(late.estimate)}`)
  expect(TEXT).toContain(`t = ${(late.estimate / late.standardError).toFixed(1)} and p = 2.4 · 10⁻⁶`)
  expect(late.pValue.toExponential(1)).toBe('2.4e-6')
  expect(TEXT).toContain(`${bounds(late).join(' to ')} in logarithms`)
})

test('the worked example goes on until its ninth round', () => {
  const decisions = [6, 7, 8, 9].map((roundsDone) =>
    lookAt([{ id: 'example', rounds: rounds.slice(0, roundsDone) }], { roundsDone, looks: PLANNED_LOOKS })
  )

  const goesOn = { kind: 'continue' }
  expect(decisions).toEqual([goesOn, goesOn, goesOn, { kind: 'stop', reason: 'regression' }])
})
