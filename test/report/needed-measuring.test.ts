import { describe, expect, test } from 'vitest'
import { toPlainText } from '#src/report/clean-text.ts'
import { buildReport } from '#src/report/report-model.ts'
import type { NeededMeasuring } from '#stats/verdict.ts'
import { CASE_ID, caseWith, IDENTITY, judged } from './sample-outcomes.ts'

function reportOf(needed: NeededMeasuring | null, rounds = 16) {
  const undecided = { ...caseWith(CASE_ID, 'inconclusive', 0.018), needed, rounds }
  return buildReport(IDENTITY, judged('inconclusive', [undecided]))
}

describe('what would settle an inconclusive case', () => {
  test('is told in rounds and time, with the setting that gives them', () => {
    const report = reportOf({ rounds: 12, measuringMs: 39_400 })
    expect(report.reasons.map(toPlainText)).toEqual([
      `${CASE_ID}: about 12 more rounds, 40 s of measuring, should settle it.`
    ])
    expect(toPlainText(report.nextSteps[0] ?? [])).toBe(
      'To measure longer, set measuring.max_rounds to 28 or more on the base branch. Above 24, the comparison is judged with a test that allows for looking as often as anybody likes.'
    )
  })

  test('needs no open end within the planned rounds', () => {
    const report = reportOf({ rounds: 1, measuringMs: 4000 }, 12)
    expect(toPlainText(report.reasons[0] ?? [])).toContain('about 1 more round, 4 s of measuring')
    expect(toPlainText(report.nextSteps[0] ?? [])).toBe(
      'To measure longer, set measuring.max_rounds to 13 or more on the base branch.'
    )
  })

  test.each([
    { rounds: 20, measuringMs: 3_600_001 },
    { rounds: 185, measuringMs: 60_000 },
    { rounds: 1000, measuringMs: Number.POSITIVE_INFINITY }
  ])('is not recommended where nobody would wait for it or no configuration allows it: %j', (needed) => {
    const report = reportOf(needed)
    expect(report.reasons.map(toPlainText)).toEqual([
      `${CASE_ID}: more measuring would take too long to settle it, so much does it scatter.`
    ])
    const steps = report.nextSteps.map(toPlainText).join('\n')
    expect(steps).toContain('Where it scatters too much, make the machine quieter')
    expect(steps).not.toContain('max_rounds')
  })

  test('is taken from the case within reach that needs most', () => {
    const needs = [3, 900, 40]
    const cases = needs.map((rounds) => {
      return { ...caseWith(`c${rounds}`, 'inconclusive', 0.018), needed: { rounds, measuringMs: 1000 * rounds } }
    })
    const steps = buildReport(IDENTITY, judged('inconclusive', cases)).nextSteps.map(toPlainText)
    expect(steps[0]).toContain('set measuring.max_rounds to 56 or more')
    expect(steps[1]).toContain('Where it scatters too much')
  })

  test('is left out where it is not known', () => {
    expect(reportOf(null).reasons).toEqual([])
    expect(reportOf(null).nextSteps.map(toPlainText).join()).not.toContain('max_rounds')
  })
})

test('a run of more rounds than planned says how it was looked at', () => {
  const facts = (rounds: number) =>
    reportOf(null, rounds).facts.map(({ label, value }) => `${label} ${toPlainText(value)}`)
  expect(facts(28)).toContain('Rounds 28 rounds, judged with a test that allows for looking as often as anybody likes')
  expect(facts(16).join()).not.toContain('Rounds')
})
