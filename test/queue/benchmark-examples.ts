import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkProgress, BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { CaseSpec, SideSpec } from '#contracts/case.ts'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_THRESHOLDS } from '#contracts/measurements.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'

const BASELINE_SHA = 'a'.repeat(40)
const CANDIDATE_SHA = 'b'.repeat(40)
const CASE_ID = 'vad/default/single_stream'

const SIDE: SideSpec = {
  modelPath: 'models/vad.onnx',
  checkout: null,
  session: DEFAULT_SESSION,
  inputs: INFERRED_INPUTS
}

const CASE: CaseSpec = {
  id: CASE_ID,
  model: 'vad',
  session: 'default',
  scenario: { kind: 'single_stream' },
  baseline: SIDE,
  candidate: SIDE,
  thresholds: DEFAULT_THRESHOLDS
}

/** A small job that the contract accepts. */
export function exampleJob(jobId: string): BenchmarkJob {
  return {
    schemaVersion: 1,
    jobId,
    runId: jobId,
    repository: { fullName: 'acme/model', cloneUrl: 'https://github.com/acme/model.git' },
    baselineSha: BASELINE_SHA,
    candidateSha: CANDIDATE_SHA,
    cases: [CASE],
    measuring: {
      roundMs: 1000,
      warmUpRequests: 1,
      warmUpMs: 0,
      warmUpCapMs: 1000,
      looks: [4],
      design: { kind: 'planned_looks' },
      requestTimeoutMs: 1000,
      jobTimeoutMs: 60_000
    }
  }
}

/** The result of {@link exampleJob}, holding `latencyCount` different latencies. */
export function exampleResult(jobId: string, latencyCount = 3): BenchmarkResult {
  const latenciesNs = Array.from({ length: latencyCount }, (_, i) => 100_000 + ((i * 7919) % 65_537))
  return {
    schemaVersion: 1,
    jobId,
    baselineSha: BASELINE_SHA,
    candidateSha: CANDIDATE_SHA,
    workerId: 'worker-1',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:01:00.000Z',
    fingerprint: {
      hostname: 'bench',
      cpuModel: 'CPU',
      cpuCount: 2,
      memoryBytes: 8_000_000_000,
      os: 'Linux',
      nodeVersion: '24.0.0',
      onnxruntimeVersion: '1.30.0',
      device: 'cpu',
      sandbox: 'none'
    },
    calibration: null,
    cases: [
      {
        status: 'measured',
        caseId: CASE_ID,
        models: {
          baseline: { sha256: '0'.repeat(64), bytes: 1, externalData: [] },
          candidate: { sha256: '1'.repeat(64), bytes: 1, externalData: [] }
        },
        blocks: [{ side: 'baseline', launch: 0, quad: 0, wallNs: 1_000_000_000, latenciesNs, errors: 0 }],
        stopReason: 'max_rounds',
        warnings: []
      }
    ],
    failure: null
  }
}

/** What a worker hands back when it was told to stop. */
export function cancelledResult(jobId: string): BenchmarkResult {
  const failure = { code: 'cancelled', side: null, message: 'Told to stop.', hint: '' } as const
  return { ...exampleResult(jobId), cases: [], failure }
}

export function exampleProgress(roundsDone: number): BenchmarkProgress {
  return { phase: 'measuring', roundsDone, roundsMax: 8, elapsedMs: roundsDone * 1000, message: `Round ${roundsDone}` }
}
