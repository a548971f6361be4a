import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { Block } from '#contracts/measurements.ts'
import { CONFIG_PATH } from '#src/config/config-path.ts'
import { parseConfig } from '#src/config/parse-config.ts'
import { planRun, type RunPlan } from '#src/plan/plan-run.ts'
import type { Run, RunState } from '#src/run/run.ts'

export const BASELINE_SHA = 'a'.repeat(40)
export const HEAD_SHA = 'b'.repeat(40)

export const CONFIG_TEXT = `version: 1
models:
  vad: { path: models/vad.onnx }
scenarios: { single_stream: {} }
`

export function samplePlan(): RunPlan {
  const parsed = parseConfig(CONFIG_TEXT, { file: CONFIG_PATH })
  if (!parsed.ok) throw new Error('The sample configuration is broken.')
  const { config } = parsed
  return planRun({
    policy: config,
    baseline: config,
    candidate: config,
    changedFiles: ['models/vad.onnx'],
    measureEverything: false
  })
}

export function sampleRun(state: RunState, changes: Partial<Run> = {}): Run {
  return {
    id: 'r1',
    repository: { installationId: 1, id: 2, owner: 'acme', name: 'voice' },
    pullRequest: 7,
    headSha: HEAD_SHA,
    baseRef: 'main',
    attempt: 1,
    trigger: 'automatic',
    fromFork: false,
    approvedBy: null,
    state,
    checkRunId: 9,
    cancel: null,
    failures: 0,
    createdAt: new Date('2026-01-01T00:00:00Z'),
    ...changes
  }
}

export function queuedState(queuedAt = new Date('2026-01-01T00:00:00Z')): RunState {
  return {
    kind: 'queued',
    planned: {
      commits: { baselineSha: BASELINE_SHA, baseTipSha: BASELINE_SHA },
      plan: samplePlan(),
      queuedAt
    }
  }
}

/** Nine launches of ten quads; the candidate takes `factor` times as long, with a small fixed ripple on both sides. */
export function sampleBlocks(factor: number): Block[] {
  const blocks: Block[] = []
  for (let launch = 0; launch < 9; launch += 1) {
    for (let quad = 0; quad < 10; quad += 1) {
      for (const side of ['baseline', 'candidate', 'candidate', 'baseline'] as const) {
        const latenciesNs = Array.from({ length: 15 }, (_, index) => {
          const ripple = 1 + (((index * 7 + quad * 3 + launch * 5) % 11) - 5) / 1000
          return Math.round(1_000_000 * ripple * (side === 'candidate' ? factor : 1))
        })
        blocks.push({
          side,
          launch,
          quad,
          wallNs: latenciesNs.reduce((sum, ns) => sum + ns, 0),
          latenciesNs,
          errors: 0
        })
      }
    }
  }
  return blocks
}

export function sampleResult(factor: number): BenchmarkResult {
  const facts = { sha256: 'c'.repeat(64), bytes: 1000, externalData: [] }
  return {
    schemaVersion: 1,
    jobId: 'run-r1',
    baselineSha: BASELINE_SHA,
    candidateSha: HEAD_SHA,
    workerId: 'w1',
    startedAt: '2026-01-01T00:00:00.000Z',
    finishedAt: '2026-01-01T00:01:00.000Z',
    fingerprint: {
      hostname: 'bench-1',
      cpuModel: 'Test CPU',
      cpuCount: 2,
      memoryBytes: 1e9,
      os: 'Linux',
      nodeVersion: 'v24.21.0',
      onnxruntimeVersion: '1.30.0',
      device: 'CPU',
      sandbox: 'none'
    },
    calibration: null,
    cases: [
      {
        status: 'measured',
        caseId: 'vad/default/single_stream',
        models: { baseline: facts, candidate: facts },
        blocks: sampleBlocks(factor),
        stopReason: 'max_rounds',
        warnings: []
      }
    ],
    failure: null
  }
}
