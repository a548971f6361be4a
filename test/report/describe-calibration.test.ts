import { describe, expect, test } from 'vitest'
import type { WorkerCalibration } from '#contracts/calibration.ts'
import { toPlainText } from '#src/report/clean-text.ts'
import { buildReport } from '#src/report/report-model.ts'
import { CALIBRATED_CASE, CALIBRATION, CASE_ID, caseWith, IDENTITY, judged } from './sample-outcomes.ts'

function reportOf(calibration: WorkerCalibration | null) {
  const run = judged('unchanged', [caseWith(CASE_ID, 'unchanged', 0.004)])
  const report = buildReport(IDENTITY, { ...run, result: { ...run.result, calibration } })
  const line = report.facts.find(({ label }) => label === 'Calibration')?.value ?? []
  return { line: toPlainText(line), notes: report.notes.map(toPlainText) }
}

describe('the line about calibration', () => {
  test('says how often this machine errs and what it can see', () => {
    expect(reportOf(CALIBRATION).line).toBe(
      'This machine was calibrated on 2026-11-20: 1 of 20 comparisons of identical code flagged for p50 (5 % expected), noise 0.9 % per round, a change of 1.1 % is seen in 10 s of measuring.'
    )
  })

  test('counts all cases and promises no more than the noisiest holds', () => {
    const [p50] = CALIBRATED_CASE.metrics
    const noisy = { ...CALIBRATED_CASE, metrics: p50 === undefined ? [] : [{ ...p50, roundSd: 0.03, detectable: [] }] }
    expect(reportOf({ ...CALIBRATION, otherModel: true, cases: [CALIBRATED_CASE, noisy] }).line).toBe(
      'This machine was calibrated on 2026-11-20 with another model: 2 of 40 comparisons of identical code flagged for p50 (5 % expected), noise 3.0 % per round in the noisiest of 2 cases.'
    )
  })

  test('says when it never was', () => {
    expect(reportOf(null).line).toBe('This machine has never been calibrated: tailgate calibrate.')
  })

  test('says when the machine is another one since', () => {
    const changed = ['onnxruntime was 1.29.0, is 1.30.0']
    expect(reportOf({ status: 'stale', measuredAt: CALIBRATION.measuredAt, changed }).line).toBe(
      'This machine was calibrated on 2026-11-20 and is no longer the same (onnxruntime was 1.29.0, is 1.30.0): run tailgate calibrate again.'
    )
  })

  test('says when there was too little of it', () => {
    expect(reportOf({ ...CALIBRATION, trust: 'too_short', cases: [] }).line).toBe(
      'This machine was calibrated on 2026-11-20. That is too little to judge a machine by.'
    )
  })
})

describe('a machine that failed', () => {
  test('is warned of first, with the consequence', () => {
    const problems = ['9 of 20 comparisons flagged for p50.', 'Bias of 0.8 %.', 'c', 'd', 'e']
    const { notes } = reportOf({ ...CALIBRATION, trust: 'untrusted', problems })
    expect(notes[0]).toBe(
      'Warning: this machine failed its calibration: 9 of 20 comparisons flagged for p50; Bias of 0.8 %; c; 2 more. What it would have called a regression, an improvement or unchanged is therefore inconclusive. Make it quieter and run tailgate calibrate again.'
    )
  })

  test.each([CALIBRATION, { ...CALIBRATION, trust: 'too_short' as const }, null])(
    'is the only one: %#',
    (calibration) => {
      expect(reportOf(calibration).notes[0]).toMatch(/^Cases:/)
    }
  )
})
