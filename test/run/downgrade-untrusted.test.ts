import { describe, expect, test } from 'vitest'
import type { WorkerCalibration } from '#contracts/calibration.ts'
import type { Block } from '#contracts/measurements.ts'
import { concludeOutcome } from '#src/report/conclusion.ts'
import { listFailingMore } from '#src/report/failing-requests.ts'
import type { Outcome } from '#src/report/outcome.ts'
import { downgradeUntrusted } from '#src/run/downgrade-untrusted.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import { judgeRun } from '#stats/judge-run.ts'
import type { RunComparison } from '#stats/verdict.ts'
import { BASELINE_SHA, HEAD_SHA, sampleBlocks, samplePlan, sampleResult } from './sample-run.ts'

const PROBLEM = 'p50 of vad called 6 of 20 comparisons of identical commits different.'

const UNTRUSTED: WorkerCalibration = {
  status: 'current',
  measuredAt: '2026-01-01T00:00:00.000Z',
  trust: 'untrusted',
  problems: [PROBLEM, 'throughput of vad is biased.'],
  otherModel: false,
  cases: []
}
const REASON = { kind: 'untrusted_worker', problem: PROBLEM }

function compare(blocks: readonly Block[]): RunComparison {
  return judgeRun({ cases: [{ id: 'vad', blocks: [...blocks] }] })
}

/** The candidate fails half of its requests. */
function failingBlocks(): readonly Block[] {
  return sampleBlocks(1).map((block) => (block.side === 'candidate' ? { ...block, errors: 15 } : block))
}

describe('an untrusted worker', () => {
  test.each([
    ['regression', 1.2],
    ['improvement', 0.8],
    ['unchanged', 1]
  ])('has no %s', (verdict, factor) => {
    const judged = compare(sampleBlocks(factor))

    const downgraded = downgradeUntrusted(judged, UNTRUSTED)

    expect(judged).toMatchObject({ verdict, cases: [{ verdict, reason: null }] })
    expect(downgraded).toMatchObject({ verdict: 'inconclusive', cases: [{ verdict: 'inconclusive', reason: REASON }] })
    for (const metric of downgraded.cases[0]?.metrics ?? []) {
      expect(['inconclusive', 'not_assessed']).toContain(metric.verdict)
    }
  })

  test('still shows its estimates, intervals and levels', () => {
    const [judged] = compare(sampleBlocks(1.2)).cases
    const [downgraded] = downgradeUntrusted(compare(sampleBlocks(1.2)), UNTRUSTED).cases
    const numbers = (item: typeof judged) => item?.metrics.map(({ verdict, reason, ...shown }) => shown)

    expect(numbers(judged)?.[0]?.relativeChange).toBeCloseTo(0.2, 3)
    expect(numbers(downgraded)).toEqual(numbers(judged))
  })

  test('fails a candidate whose requests fail, as a trusted one would', () => {
    const judged = compare(failingBlocks())

    const downgraded = downgradeUntrusted(judged, UNTRUSTED)

    expect(listFailingMore(judged.cases)).toHaveLength(1)
    expect(listFailingMore(downgraded.cases)).toHaveLength(1)
  })

  test('keeps the reason of a case that was inconclusive anyway', () => {
    const judged = compare(sampleBlocks(1).filter(({ launch }) => launch < 3))

    const downgraded = downgradeUntrusted(judged, UNTRUSTED)

    expect(judged.cases[0]?.reason).toMatchObject({ kind: 'too_few_rounds' })
    expect(downgraded.cases[0]?.reason).toEqual(judged.cases[0]?.reason)
  })

  test('that does not say why is not believed either', () => {
    const downgraded = downgradeUntrusted(compare(sampleBlocks(1)), { ...UNTRUSTED, problems: [] })

    expect(downgraded.cases[0]?.reason).toMatchObject({
      kind: 'untrusted_worker',
      problem: expect.stringMatching(/.+/)
    })
  })

  test('leaves a run without cases as it is', () => {
    expect(downgradeUntrusted({ verdict: 'inconclusive', cases: [] }, UNTRUSTED)).toEqual({
      verdict: 'inconclusive',
      cases: []
    })
  })
})

test.each<[string, WorkerCalibration | null]>([
  ['never calibrated', null],
  ['trusted', { ...UNTRUSTED, trust: 'trusted', problems: [] }],
  ['calibrated for too short a time', { ...UNTRUSTED, trust: 'too_short' }],
  ['changed since', { status: 'stale', measuredAt: UNTRUSTED.measuredAt, changed: ['the cores were 4, are 2'] }]
])('a worker that was %s keeps its verdicts', (_name, calibration) => {
  const judged = compare(sampleBlocks(1.2))

  expect(downgradeUntrusted(judged, calibration)).toBe(judged)
})

describe('the run', () => {
  const expected = { baselineSha: BASELINE_SHA, candidateSha: HEAD_SHA, plan: samplePlan() }
  const judge = (calibration: WorkerCalibration | null) =>
    judgeResult(expected, { ...sampleResult(1.2), calibration: calibration })
  const conclude = (outcome: Outcome, onInconclusive: 'neutral' | 'failure') =>
    outcome.kind === 'judged' ? concludeOutcome({ ...outcome, gate: 'required', onInconclusive }) : outcome.kind

  test('of an untrusted worker concludes as on_inconclusive says', () => {
    const outcome = judge(UNTRUSTED)

    expect(outcome).toMatchObject({ comparison: { verdict: 'inconclusive' }, result: { calibration: UNTRUSTED } })
    expect(conclude(outcome, 'neutral')).toBe('neutral')
    expect(conclude(outcome, 'failure')).toBe('failure')
  })

  test('of a worker that was never calibrated is a regression', () => {
    expect(judge(null)).toMatchObject({ comparison: { verdict: 'regression' } })
  })
})
