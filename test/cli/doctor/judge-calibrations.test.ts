import { expect, test } from 'vitest'
import type { Calibration } from '#contracts/calibration.ts'
import { judgeCalibrations } from '#src/cli/doctor/judge-calibrations.ts'
import { sampleCalibration, sampleCase, THIS_MACHINE } from '#test/workers/calibration/sample-calibration.ts'

const DAY_MS = 86_400_000
const MEASURED_AT = '2026-03-01T12:00:00.000Z'

function judge(calibrations: readonly Calibration[], damaged: readonly string[] = []) {
  return judgeCalibrations({
    calibrations: calibrations.map((calibration) => ({ path: '/data/one.json', calibration })),
    damaged: damaged.map((problem) => ({ path: '/data/two.json', problem })),
    fingerprint: THIS_MACHINE,
    nowMs: Date.parse(MEASURED_AT) + 3 * DAY_MS,
    expectedMinutes: 7
  })
}

test('a machine that was never calibrated is told how, and how long it takes', () => {
  expect(judge([])).toMatchObject([
    {
      level: 'warning',
      found: 'never calibrated',
      advice: expect.stringMatching(/tailgate calibrate \(about 7 minutes\)/)
    }
  ])
})

test('a trusted one says its age, false alarms, bias, noise and what it can see', () => {
  expect(judge([sampleCalibration()])).toEqual([
    {
      check: 'calibration',
      level: 'ok',
      found: '3 days ago, built-in/default/single_stream: trusted',
      advice: null,
      details: ['p50: 1 of 20 false alarms, bias +0.04 %, noise 0.90 % per round, sees 1.60 % in 21 s, 1.20 % in 32 s']
    }
  ])
})

test('several cases are told apart, and the slow share is in percentage points', () => {
  const [p50] = sampleCase().metrics
  if (p50 === undefined) throw new Error('The sample has no metric.')
  const slow = { ...p50, metric: 'slow_share' as const, bias: -0.001, detectable: [] }
  const cases = [sampleCase({ caseId: 'a', metrics: [slow] }), sampleCase({ caseId: 'b', metrics: [] })]

  expect(judge([sampleCalibration({ cases })])).toMatchObject([
    {
      found: '3 days ago, a, b: trusted',
      details: ['a', '  slow share: 1 of 20 false alarms, bias −0.10 pp, noise 0.90 pp per round', 'b']
    }
  ])
})

test.each<[string, Partial<Calibration>, RegExp, RegExp]>([
  ['untrusted', { trust: 'untrusted', problems: ['It errs.'] }, /not trusted\. It errs\.$/, /inconclusive/],
  ['too short', { trust: 'too_short' }, /too short/, /longer/],
  [
    'stale',
    { fingerprint: { ...THIS_MACHINE, onnxruntimeVersion: '1.29.0' } },
    /stale, not used; ONNX Runtime was 1\.29\.0, is 1\.30\.0$/,
    /again/
  ]
])('one that is %s is a warning', (_what, changes, found, advice) => {
  expect(judge([sampleCalibration(changes)])).toMatchObject([
    { level: 'warning', found: expect.stringMatching(found), advice: expect.stringMatching(advice) }
  ])
})

test('the newest of the same cases counts, whatever the order', () => {
  const old = sampleCalibration({ measuredAt: '2026-01-01T00:00:00.000Z', trust: 'untrusted', problems: ['It errs.'] })

  for (const order of [
    [old, sampleCalibration()],
    [sampleCalibration(), old]
  ]) {
    expect(judge(order)).toMatchObject([{ level: 'ok', found: expect.stringContaining('(1 older): trusted') }])
  }
})

test('other cases have a line of their own', () => {
  const other = sampleCalibration({ cases: [sampleCase({ caseId: 'vad/default/offline' })] })

  expect(judge([sampleCalibration(), other])).toHaveLength(2)
})

test('a file that cannot be used is named, beside those that can', () => {
  expect(judge([sampleCalibration()], ['It is cut off.'])).toMatchObject([
    { level: 'ok' },
    { level: 'warning', found: '/data/two.json is left out. It is cut off.' }
  ])
})
