import type { BenchmarkResult, CaseResult } from '#contracts/benchmark-result.ts'
import { BenchmarkResult as BenchmarkResultContract } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import type { RoundEnvironment, SideResources } from '#contracts/environment.ts'
import type { Judged } from '#src/report/unmeasured.ts'
import type { Expected } from '#src/run/judge/find-mismatch.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import { sampleReading } from '../../environment/sample-reading.ts'
import { BASELINE_SHA, HEAD_SHA, samplePlan, sampleResult } from '../sample-run.ts'

export const CASE_ID = 'vad/default/single_stream'

export type MeasuredResult = Extract<CaseResult, { status: 'measured' }>
export type UnequalResult = Extract<CaseResult, { status: 'not_equivalent' }>

/** The planned case, as one worker is asked for it. */
export function sampleSpec(changes: Partial<CaseSpec> = {}): CaseSpec {
  const [spec] = samplePlan().cases
  if (spec === undefined) throw new Error('The sample plan has no case.')
  return { ...spec, ...changes }
}

/** A question with these cases. */
export function asked(cases: readonly CaseSpec[], plan: Partial<Expected['plan']> = {}): Expected {
  return { baselineSha: BASELINE_SHA, candidateSha: HEAD_SHA, plan: { ...samplePlan(), ...plan, cases: [...cases] } }
}

/** A case that was measured over nine launches, the candidate `factor` times as slow. */
export function measuredResult(factor: number, changes: Partial<MeasuredResult> = {}): MeasuredResult {
  const [found] = sampleResult(factor).cases
  if (found?.status !== 'measured') throw new Error('The sample result has no measured case.')
  return { ...found, ...changes }
}

/** A case that the worker did not measure, because it found other answers. */
export function unequalResult(changes: Partial<UnequalResult> = {}): UnequalResult {
  const { caseId, models } = measuredResult(1)
  return { status: 'not_equivalent', caseId, models, warnings: [], ...changes }
}

/** Judges these results as if they had come through the queue: what the contract refuses is no test. */
export function judgeCases(expected: Expected, cases: CaseResult[], rest: Partial<BenchmarkResult> = {}): Judged {
  const result = BenchmarkResultContract.parse({ ...sampleResult(1), ...rest, cases })
  const outcome = judgeResult(expected, result)
  if (outcome.kind !== 'judged') throw new Error(`The run was not judged: ${JSON.stringify(outcome)}`)
  return outcome
}

const NO_RESOURCES: SideResources = {
  peakRssBytes: null,
  steadyRssBytes: null,
  cpuTimePerInferenceNs: null,
  gpuMemoryBytes: null
}

/** What the machine was in one launch. */
export function round(
  launch: number,
  reading: Parameters<typeof sampleReading>[0] = {},
  resources: { readonly baseline?: Partial<SideResources>; readonly candidate?: Partial<SideResources> } = {}
): RoundEnvironment {
  return {
    launch,
    reading: sampleReading(reading),
    resources: {
      baseline: { ...NO_RESOURCES, ...resources.baseline },
      candidate: { ...NO_RESOURCES, ...resources.candidate }
    }
  }
}

/** A reading of each of the nine launches; `of` says what one of them was like. */
export function nineRounds(of: (launch: number) => RoundEnvironment = (launch) => round(launch)): RoundEnvironment[] {
  return Array.from({ length: 9 }, (_, launch) => of(launch))
}
