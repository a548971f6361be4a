import { describe, expect, test } from 'vitest'
import type { Block } from '#contracts/measurements.ts'
import { concludeOutcome } from '#src/report/conclusion.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import { SAMPLE_IDENTITY } from '../../environment/sample-reading.ts'
import { sampleBlocks, sampleResult } from '../sample-run.ts'
import { asked, CASE_ID, judgeCases, measuredResult, nineRounds, round, sampleSpec } from './sample-answer.ts'

const ASKED = asked([sampleSpec()])
type Reading = Parameters<typeof round>[1]

const HOT: Reading = { gpu: { reasons: [{ reason: 'hw_thermal', samples: 2, activeUs: 5000 }] } }
const CLOCKS_APART: Reading = { gpu: { sideSmClockMHz: { baseline: 1500, candidate: 1400 } } }
const STOPPED: Reading = { host: { throttling: { periods: 100, throttledPeriods: 30, throttledUs: 9000 } } }
const STRANGER: Reading = { gpu: { processes: [{ pid: 7, name: 'trainer', memoryBytes: 1e9, owner: 'foreign' }] } }

/** Blocks in which the candidate is three times as slow in the first two launches. */
function slowAtFirst(): Block[] {
  const slow = sampleBlocks(3).filter(({ launch }) => launch < 2)
  return [...slow, ...sampleBlocks(1).filter(({ launch }) => launch >= 2)]
}

describe('rounds', () => {
  test.each([
    ['in which the GPU slowed itself down', HOT],
    ['in which the sides met different clocks', CLOCKS_APART]
  ])('%s are not judged', (_name, reading) => {
    const environment = nineRounds((launch) => round(launch, launch < 2 ? reading : {}))
    const blocks = slowAtFirst()

    const without = judgeCases(ASKED, [measuredResult(1, { blocks })])
    const judged = judgeCases(ASKED, [measuredResult(1, { blocks, environment })])

    expect(without.comparison.verdict).toBe('inconclusive')
    expect(judged.comparison).toMatchObject({ verdict: 'unchanged', cases: [{ rounds: 7, warnings: [] }] })
    expect(judged.checks[0]?.environment).toMatchObject({
      kind: 'usable',
      rounds: 9,
      discarded: [{ launch: 0 }, { launch: 1 }]
    })
    expect(judged.measuringMs).toBe(without.measuringMs)
  })

  test('that were measured again count by their second reading', () => {
    const environment = [round(0, CLOCKS_APART), ...nineRounds()]

    const judged = judgeCases(ASKED, [measuredResult(1.2, { environment })])

    expect(judged.comparison).toMatchObject({ verdict: 'regression', cases: [{ rounds: 9 }] })
    expect(judged.checks[0]?.environment).toMatchObject({ kind: 'usable', rounds: 9, discarded: [] })
  })

  test('that were never measured cannot hide those that were spoilt', () => {
    const spoilt = nineRounds((launch) => round(launch, launch < 3 ? HOT : {}))
    const invented = Array.from({ length: 500 }, (_, index) => round(100 + index))

    const judged = judgeCases(ASKED, [measuredResult(1, { environment: [...spoilt, ...invented] })])

    expect(judged.checks[0]?.environment).toMatchObject({ kind: 'inconclusive', rounds: 9 })
  })

  test('that the worker left out itself count as spoilt', () => {
    const environment = nineRounds((launch) => round(launch, launch < 3 ? HOT : {}))
    const blocks = sampleBlocks(1).filter(({ launch }) => launch >= 3)

    const judged = judgeCases(ASKED, [measuredResult(1, { blocks, environment })])

    expect(judged.comparison.cases[0]?.reason).toMatchObject({ kind: 'environment', rounds: 3, ofRounds: 9 })
  })
})

describe('a case', () => {
  test.each([
    ['of which a third of the rounds was spoilt', HOT, 'rounds_discarded'],
    ['that a quota stopped', STOPPED, 'throttled']
  ])('%s has no verdict', (_name, reading, cause) => {
    const environment = nineRounds((launch) => round(launch, launch < 3 ? reading : {}))

    const judged = judgeCases(ASKED, [measuredResult(1.5, { environment })])
    const [item] = judged.comparison.cases

    expect(item).toMatchObject({
      verdict: 'inconclusive',
      reason: { kind: 'environment', cause, rounds: 3, ofRounds: 9 }
    })
    expect(item?.metrics[0]).toMatchObject({ verdict: 'inconclusive', relativeChange: expect.closeTo(0.5, 2) })
    expect(judged.checks[0]?.diagnosis).toBeNull()
    expect(concludeOutcome(judged)).toBe('neutral')
  })

  test('with all of its rounds spoilt says why, and not that there were too few', () => {
    const judged = judgeCases(ASKED, [measuredResult(1, { environment: nineRounds((launch) => round(launch, HOT)) })])

    expect(judged.comparison.cases[0]).toMatchObject({ rounds: 0, reason: { kind: 'environment', rounds: 9 } })
    expect(judged.comparison.cases[0]?.warnings).toEqual([])
  })

  test('leaves the verdicts of others alone', () => {
    const second = sampleSpec({ id: 'vad/default/offline', scenario: { kind: 'offline', batchSize: 8 } })
    const environment = nineRounds((launch) => round(launch, STOPPED))

    const judged = judgeCases(asked([sampleSpec(), second]), [
      measuredResult(1, { environment }),
      measuredResult(1.2, { caseId: second.id })
    ])

    expect(judged.comparison.verdict).toBe('regression')
    expect(judged.comparison.cases.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'regression'])
  })

  test('whose candidate fails more requests still closes the gate', () => {
    const blocks = sampleBlocks(1).map((block) => (block.side === 'candidate' ? { ...block, errors: 15 } : block))
    const environment = nineRounds((launch) => round(launch, STOPPED))

    const judged = judgeCases(ASKED, [measuredResult(1, { blocks, environment })])

    expect(judged.comparison.cases[0]?.reason).toMatchObject({ kind: 'error_rates_differ' })
    expect(concludeOutcome(judged)).toBe('failure')
  })

  test('that shared its GPU was not measured', () => {
    const environment = nineRounds((launch) => round(launch, launch === 4 ? STRANGER : {}))

    const judged = judgeCases(ASKED, [measuredResult(1, { environment })])

    expect(judged.notMeasured).toMatchObject([
      { caseId: CASE_ID, failure: { code: 'device_unavailable', message: expect.stringContaining('trainer (pid 7)') } }
    ])
    expect(concludeOutcome(judged)).toBe('failure')
  })

  test('on one slice of a GPU may have neighbours', () => {
    const gpu = SAMPLE_IDENTITY.gpu
    if (gpu === null) throw new Error('The sample machine has no GPU.')
    const identity = { ...SAMPLE_IDENTITY, gpu: { ...gpu, mig: { enabled: true, instanceUuid: 'MIG-1' } } }
    const environment = nineRounds((launch) => round(launch, STRANGER))

    const judged = judgeCases(ASKED, [measuredResult(1, { environment })], { identity })

    expect(judged.comparison.verdict).toBe('unchanged')
    expect(judged.checks[0]?.environment).toMatchObject({ cautions: [{ worst: { kind: 'mig_neighbours' } }] })
  })

  test('of a worker that does not watch its machine is judged without it', () => {
    const judged = judgeCases(ASKED, [measuredResult(1.2)])

    expect(judged.comparison.verdict).toBe('regression')
    expect(judged.checks).toMatchObject([{ environment: null, resources: null }])
  })

  test('tells what each side took of the machine', () => {
    const environment = nineRounds((launch) =>
      round(launch, {}, { baseline: { peakRssBytes: 100 + launch }, candidate: { peakRssBytes: 200 } })
    )

    const judged = judgeCases(ASKED, [measuredResult(1, { environment })])

    expect(judged.checks[0]?.resources).toMatchObject({
      baseline: { peakRssBytes: 104 },
      candidate: { peakRssBytes: 200 }
    })
  })
})

describe('different engines on the two sides', () => {
  const engines = { ...SAMPLE_IDENTITY.engines, candidate: { version: '1.29.0', librariesSha256: null } }
  const result = { ...sampleResult(1), identity: { ...SAMPLE_IDENTITY, engines } }

  test('make a run invalid where nobody asked for them', () => {
    expect(judgeResult(ASKED, result)).toMatchObject({
      kind: 'failed',
      failure: { code: 'worker_error', message: expect.stringMatching(/ONNX Runtime.*1\.30\.0.*1\.29\.0/) }
    })
  })

  test('are what is compared where the configuration asks for them', () => {
    const spec = sampleSpec()
    const session = { ...spec.candidate.session, engineVersion: '1.29.0' }
    const expected = asked([{ ...spec, candidate: { ...spec.candidate, session } }])

    expect(judgeResult(expected, result)).toMatchObject({ kind: 'judged' })
  })
})

describe('memory of a soak', () => {
  const soak = sampleSpec({ scenario: { kind: 'soak', seconds: 10 } })
  const environment = nineRounds((launch) => {
    const resources = (bytes: number) => ({ steadyRssBytes: bytes + launch, peakRssBytes: 2 * bytes })
    return round(launch, {}, { baseline: resources(100e6), candidate: resources(120e6) })
  })
  const memoryOf = (judged: ReturnType<typeof judgeCases>) =>
    judged.comparison.cases[0]?.metrics.find(({ metric }) => metric === 'memory')

  test('is compared from the record of the machine', () => {
    const judged = judgeCases(asked([soak]), [measuredResult(1, { environment })])

    expect(memoryOf(judged)).toMatchObject({
      verdict: 'regression',
      relativeChange: expect.closeTo(0.2, 3),
      baseline: expect.closeTo(100e6, -2)
    })
  })

  test('is told from readings of the soak itself, where there are some', () => {
    const blocks = sampleBlocks(1).map((block) => ({ ...block, series: { rssBytes: [5e6], inferences: [block.quad] } }))

    const judged = judgeCases(asked([soak]), [measuredResult(1, { blocks, environment })])

    expect(memoryOf(judged)).toMatchObject({ verdict: 'unchanged', baseline: expect.closeTo(5e6, 0) })
  })

  test('is no metric of other scenarios: a process holds all cases', () => {
    expect(memoryOf(judgeCases(ASKED, [measuredResult(1, { environment })]))).toBeUndefined()
  })
})
