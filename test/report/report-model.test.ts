import { describe, expect, test } from 'vitest'
import { toPlainText } from '#src/report/clean-text.ts'
import type { Outcome, RunIdentity, SkippedCase } from '#src/report/outcome.ts'
import { buildReport } from '#src/report/report-model.ts'
import { CASE_ID, caseWith, IDENTITY, judged, measuredFacts, NOT_FINISHED, REGRESSION } from './sample-outcomes.ts'

const ADDED: SkippedCase = { id: 'new/default/offline', why: 'added', detail: 'The baseline has no model "new".' }
const REMOVED: SkippedCase = { id: 'old/default/offline', why: 'removed', detail: 'The candidate has no model "old".' }
const UNAFFECTED: SkippedCase = { id: 'vad/default/offline', why: 'unaffected', detail: 'Nothing changed.' }

function headline(outcome: Outcome): string {
  return toPlainText(buildReport(IDENTITY, outcome).headline)
}

describe('nothing to measure', () => {
  function nothing(changedFiles: number | null, ...skipped: readonly SkippedCase[]): Outcome {
    return { kind: 'nothing_relevant', changedFiles, skipped }
  }

  test('counts the files where their number is known', () => {
    expect(headline(nothing(3, UNAFFECTED))).toBe('Nothing that Tailgate measures was changed by these 3 files.')
    expect(headline(nothing(1, UNAFFECTED))).toBe('Nothing that Tailgate measures was changed by this 1 file.')
    expect(headline(nothing(null, UNAFFECTED))).toBe('Nothing that Tailgate measures was changed.')
  })

  test('claims no lack of change where cases come or go', () => {
    expect(headline(nothing(3, ADDED))).toBe('Nothing to compare: 1 case is new.')
    expect(headline(nothing(3, REMOVED, { ...REMOVED, id: 'b' }))).toBe('Nothing to compare: 2 cases were removed.')
    expect(headline(nothing(null, ADDED, UNAFFECTED))).toBe(
      'Nothing to compare: 1 case is new; the others were not changed.'
    )
  })
})

describe('cases that vanish while others appear', () => {
  const outcome: Outcome = { kind: 'nothing_comparable', gate: 'required', skipped: [ADDED, REMOVED] }

  test('are no verdict, with what to do', () => {
    const report = buildReport(IDENTITY, outcome)
    expect(headline(outcome)).toBe(
      'No verdict: nothing could be compared, because 1 case is new and 1 case was removed.'
    )
    expect(report.nextSteps.map(toPlainText)).toEqual([
      expect.stringContaining('keep its id'),
      expect.stringContaining('beside the old one in a pull request of its own')
    ])
    expect(report.skipped).toHaveLength(2)
  })

  test('say so when the gate is advisory', () => {
    const notes = buildReport(IDENTITY, { ...outcome, gate: 'advisory' }).notes.map(toPlainText)
    expect(notes).toContain('The gate is advisory on main: this does not block the merge.')
  })
})

describe('what the worker says', () => {
  test('stands above the fold once, however many cases it is about', () => {
    const ids = ['a/default/offline', 'b/default/offline', 'c/default/offline']
    const warnings = ['The inputs of the two sides differ.']
    const outcome = judged(
      'unchanged',
      ids.map((id) => caseWith(id, 'unchanged', 0)),
      { measured: ids.map((id) => measuredFacts(id, { warnings })) }
    )
    const report = buildReport(IDENTITY, outcome)
    expect(report.notes.map(toPlainText)).toContain(
      'Warning for a/default/offline and 2 other cases: The inputs of the two sides differ.'
    )
    expect(report.warnings).toHaveLength(3)
  })

  test('tells equal model files from different ones', () => {
    const models = {
      baseline: { sha256: 'a'.repeat(64), bytes: 1, externalData: [] },
      candidate: { sha256: 'b'.repeat(64), bytes: 1, externalData: [] }
    }
    const model = (outcome: Outcome) => buildReport(IDENTITY, outcome).cases.map((item) => toPlainText(item.model))
    expect(model(REGRESSION)).toEqual(['models/vad.onnx, same bytes on both sides (SHA-256 ab12ab12ab12)'])
    expect(model({ ...REGRESSION, measured: [measuredFacts(CASE_ID, { models })] })).toEqual([
      'models/vad.onnx, bytes differ (SHA-256 aaaaaaaaaaaa → bbbbbbbbbbbb)'
    ])
  })

  test('explains cases that were not finished', () => {
    const report = buildReport(IDENTITY, NOT_FINISHED)
    expect(report.reasons.map(toPlainText)).toEqual([
      'Measuring stopped when a regression was certain, so the other cases were not finished.',
      'asr/default/offline: 6 usable rounds, 9 needed.'
    ])
    expect(report.nextSteps.map(toPlainText).at(-1)).toContain('measured again with the next push')
  })
})

describe('the commands to repeat a comparison', () => {
  function reproduce(identity: Partial<RunIdentity>): readonly string[] | undefined {
    return buildReport({ ...IDENTITY, ...identity }, REGRESSION).reproduce?.split('\n')
  }

  test('fetch the head, then compare with the tip of the base', () => {
    expect(reproduce({})).toEqual([
      'git -C path/to/clone fetch origin pull/7/head',
      `npm run tailgate -- compare --repo path/to/clone --base ${IDENTITY.baseTipSha} --head ${IDENTITY.headSha}`
    ])
  })

  test('measure everything where the run did', () => {
    expect(reproduce({ measuredEverything: true })?.at(-1)).toMatch(/ --all$/)
  })

  test('fall back on the merge base', () => {
    expect(reproduce({ baseTipSha: null })?.at(-1)).toContain(` --base ${IDENTITY.baselineSha} `)
    expect(reproduce({ baseTipSha: null, baselineSha: null })).toBeUndefined()
  })
})
