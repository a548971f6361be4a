import { CALIBRATION_FORMAT, type Calibration, type CaseCalibration } from '#contracts/calibration.ts'
import type { Fingerprint } from '#contracts/fingerprint.ts'
import { DEFAULT_SESSION, type SessionSpec } from '#contracts/session.ts'
import { BUILT_IN_SHA256 } from '#workers/calibration/built-in-case.ts'

export const THIS_MACHINE: Fingerprint = {
  hostname: 'bench-1',
  cpuModel: 'Test CPU',
  cpuCount: 4,
  memoryBytes: 8e9,
  os: 'Linux 6.1',
  nodeVersion: 'v24.21.0',
  onnxruntimeVersion: '1.30.0',
  device: 'CPU, 4 cores',
  sandbox: 'bubblewrap'
}

export const SESSION: SessionSpec = DEFAULT_SESSION

/** Identical code on a quiet machine: a change of 1.5 % of p50 is seen in 10 s. */
export function sampleCase(changes: Partial<CaseCalibration> = {}): CaseCalibration {
  return {
    caseId: 'built-in/default/single_stream',
    modelSha256: BUILT_IN_SHA256,
    session: SESSION,
    scenario: { kind: 'single_stream' },
    roundMs: 2000,
    overheadMs: 1500,
    recommendedRoundMs: 1500,
    metrics: [
      {
        metric: 'p50',
        rounds: 60,
        bias: 0.0004,
        biasPValue: 0.6,
        roundSd: 0.009,
        launchSd: 0.003,
        comparisons: 20,
        falseAlarms: 1,
        detectable: [
          { rounds: 6, measuringMs: 12_000, wallMs: 21_000, change: 0.016 },
          { rounds: 9, measuringMs: 18_000, wallMs: 31_500, change: 0.012 }
        ]
      }
    ],
    ...changes
  }
}

export function sampleCalibration(changes: Partial<Calibration> = {}): Calibration {
  return {
    format: CALIBRATION_FORMAT,
    measuredAt: '2026-03-01T12:00:00.000Z',
    fingerprint: THIS_MACHINE,
    trust: 'trusted',
    problems: [],
    cases: [sampleCase()],
    ...changes
  }
}
