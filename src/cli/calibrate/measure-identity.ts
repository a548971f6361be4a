import { createRequire } from 'node:module'
import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure, BenchmarkProgress, BenchmarkResult, CaseResult } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import { type LocalMeasuring, measureLocally } from '../measure-locally.ts'
import type { CalibrationSource } from './calibration-source.ts'
import { createRoundTimes } from './round-times.ts'

export type MeasuredResult = Extract<CaseResult, { status: 'measured' }>

export interface IdentityMeasuring extends Pick<LocalMeasuring, 'injectDelay' | 'signal' | 'reportProgress'> {
  readonly source: CalibrationSource
  readonly cases: readonly CaseSpec[]
  readonly measuring: MeasuringPlan
}

export interface MeasuredIdentities {
  readonly result: Omit<BenchmarkResult, 'cases'>
  readonly cases: readonly { readonly spec: CaseSpec; readonly result: MeasuredResult }[]
  readonly notMeasured: readonly { readonly caseId: string; readonly failure: BenchmarkFailure }[]
  readonly roundsMs: readonly number[]
}

/** Starting two processes, loading the models, choosing cores. */
const RESTART_MS = 500

/** How long measuring will take, roughly. */
export function forecastMs({ cases, measuring }: Pick<IdentityMeasuring, 'cases' | 'measuring'>): number {
  const caseMs = measuring.roundMs + 2 * measuring.warmUpMs
  return Math.max(...measuring.looks) * (RESTART_MS + cases.length * caseMs)
}

/** Measures one commit against itself with the worker's own loop. */
export async function measureIdentity(options: IdentityMeasuring): Promise<MeasuredIdentities> {
  const { source, cases, measuring, injectDelay, signal } = options
  const times = createRoundTimes()
  const { cases: results, ...result } = await measureLocally(
    {
      repository: source.repository,
      baselineSha: source.sha,
      candidateSha: source.sha,
      cases: [...cases],
      measuring
    },
    {
      signal,
      reportProgress: (progress: BenchmarkProgress) => {
        times.note(progress)
        options.reportProgress(progress)
      },
      ...(injectDelay === undefined ? {} : { injectDelay }),
      ...(source.fetchCommit === undefined ? {} : { fetchCommit: source.fetchCommit })
    }
  )
  const specs = new Map(cases.map((spec) => [spec.id, spec]))
  return {
    result,
    roundsMs: times.roundsMs(),
    cases: results.flatMap((item) => {
      const spec = specs.get(item.caseId)
      return item.status === 'measured' && spec !== undefined ? [{ spec, result: item }] : []
    }),
    notMeasured: results.flatMap((item) =>
      item.status === 'not_measured' ? [{ caseId: item.caseId, failure: item.failure }] : []
    )
  }
}

/** @throws when this installation cannot measure */
export function requireWorkerTools(): void {
  try {
    createRequire(import.meta.url).resolve('onnxruntime-node')
  } catch (error) {
    throw new Error(
      'This installation cannot measure: onnxruntime-node is not there. Run "npm ci" without --omit=optional.',
      { cause: error }
    )
  }
}

/** One sentence for a failure of the job as a whole or of one case. */
export function describeFailure({ code, message, hint }: BenchmarkFailure): string {
  return code === 'cancelled' ? 'Stopped: nothing was stored.' : `${message} What to do: ${hint}`
}
