import { describe, expect, test } from 'vitest'
import { type Calibration, WorkerCalibration } from '#contracts/calibration.ts'
import { isBuiltInCase } from '#workers/calibration/built-in-case.ts'
import { type CaseFacts, chooseCalibration } from '#workers/calibration/choose-calibration.ts'
import { SESSION, sampleCalibration, sampleCase, THIS_MACHINE } from './sample-calibration.ts'

const VAD_SHA = 'a'.repeat(64)
const VAD: CaseFacts = { modelSha256: VAD_SHA, session: SESSION, scenario: { kind: 'single_stream' } }
const VAD_CASE = sampleCase({ caseId: 'vad/default/single_stream', modelSha256: VAD_SHA })
const OLD = '2026-01-01T00:00:00.000Z'
const NEW = '2026-02-01T00:00:00.000Z'

function choose(stored: readonly Calibration[], cases: readonly CaseFacts[] = [VAD]): WorkerCalibration | null {
  return WorkerCalibration.nullable().parse(
    chooseCalibration({ stored, fingerprint: THIS_MACHINE, cases, isBuiltIn: isBuiltInCase })
  )
}

test('a machine without calibrations tells nothing', () => {
  expect(choose([])).toBeNull()
})

describe('the job’s own cases', () => {
  test('come before the built-in model, however old', () => {
    const own = sampleCalibration({ measuredAt: OLD, cases: [VAD_CASE, sampleCase()] })

    expect(choose([sampleCalibration({ measuredAt: NEW }), own])).toEqual({
      status: 'current',
      measuredAt: OLD,
      trust: 'trusted',
      problems: [],
      otherModel: false,
      cases: [VAD_CASE]
    })
  })

  test('come from the newest calibration that has one of them', () => {
    const before = sampleCalibration({ measuredAt: OLD, trust: 'untrusted', problems: ['Bad.'], cases: [VAD_CASE] })
    const after = sampleCalibration({ measuredAt: NEW, cases: [VAD_CASE] })

    expect(choose([before, after])).toMatchObject({ measuredAt: NEW, trust: 'trusted' })
    expect(choose([after, before])).toMatchObject({ measuredAt: NEW, trust: 'trusted' })
  })

  test.each<[string, CaseFacts]>([
    ['model', { ...VAD, modelSha256: 'c'.repeat(64) }],
    ['session', { ...VAD, session: { ...SESSION, intraOpNumThreads: 2 } }],
    ['scenario', { ...VAD, scenario: { kind: 'offline', batchSize: 8 } }]
  ])('are not those with another %s', (_what, facts) => {
    const both = sampleCalibration({ cases: [VAD_CASE, sampleCase()] })

    expect(choose([both], [facts])).toMatchObject({ otherModel: true, cases: [{ caseId: sampleCase().caseId }] })
    expect(choose([both], [facts, VAD])).toMatchObject({ otherModel: false, cases: [{ caseId: VAD_CASE.caseId }] })
  })
})

describe('another repository’s models', () => {
  const private_ = sampleCase({ caseId: 'secret-product/default/single_stream', modelSha256: 'd'.repeat(64) })

  test('are not named, but their trust counts', () => {
    const told = choose([
      sampleCalibration({ trust: 'untrusted', problems: ['p50 of secret-product is biased.'], cases: [private_] })
    ])

    expect(told).toMatchObject({ status: 'current', trust: 'untrusted', otherModel: true, cases: [] })
    expect(told?.status === 'current' && told.problems).toHaveLength(1)
    expect(JSON.stringify(told)).not.toContain('secret-product')
  })

  test('are not taken for the built-in model because of their name', () => {
    const namesake = sampleCase({ modelSha256: 'd'.repeat(64) })

    expect(choose([sampleCalibration({ cases: [namesake] })])).toMatchObject({ otherModel: true, cases: [] })
  })

  test('do not hide the built-in model', () => {
    const told = choose([
      sampleCalibration({ measuredAt: NEW, cases: [private_] }),
      sampleCalibration({ measuredAt: OLD })
    ])

    expect(told).toMatchObject({ measuredAt: OLD, otherModel: true, cases: [sampleCase()] })
  })
})

describe('a machine that changed', () => {
  test.each([
    ['hostname', 'bench-2', 'the host name was bench-2, is bench-1'],
    ['cpuModel', 'Old CPU', 'the processor was Old CPU, is Test CPU'],
    ['cpuCount', 8, 'the number of cores was 8, is 4'],
    ['device', 'CPU, 8 cores', 'the device was CPU, 8 cores, is CPU, 4 cores'],
    ['onnxruntimeVersion', '1.29.0', 'ONNX Runtime was 1.29.0, is 1.30.0'],
    ['sandbox', 'none', 'the sandbox was none, is bubblewrap']
  ])('in its %s is not the one that was calibrated', (field, value, change) => {
    const before = sampleCalibration({ fingerprint: { ...THIS_MACHINE, [field]: value }, cases: [VAD_CASE] })

    expect(choose([before])).toEqual({ status: 'stale', measuredAt: before.measuredAt, changed: [change] })
  })

  test('only in what its error does not depend on is still the same', () => {
    const fingerprint = { ...THIS_MACHINE, os: 'Linux 6.2', nodeVersion: 'v24.22.0', memoryBytes: 1 }

    expect(choose([sampleCalibration({ fingerprint, cases: [VAD_CASE] })])).toMatchObject({ status: 'current' })
  })

  test('and was calibrated again is current', () => {
    const before = sampleCalibration({ measuredAt: NEW, fingerprint: { ...THIS_MACHINE, cpuCount: 8 } })

    expect(choose([before, sampleCalibration({ measuredAt: OLD })])).toMatchObject({
      status: 'current',
      measuredAt: OLD
    })
  })
})
