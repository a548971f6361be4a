import type { BenchmarkProgress, BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { Calibration } from '#contracts/calibration.ts'
import type { Outcome } from '#src/report/outcome.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import { readConfigTexts } from '#src/run/read-config-texts.ts'
import { decidePlan } from '#src/run/start-run.ts'
import { readCalibrations } from '#workers/calibration/read-calibrations.ts'
import { readDataDir } from '#workers/env.ts'
import { describeRepository, measureLocally } from '../measure-locally.ts'
import type { LocalRepository } from './local-repository.ts'

export interface CompareOptions {
  readonly repository: LocalRepository
  readonly baseRef: string
  readonly headRef: string
  readonly measureEverything: boolean
  readonly signal: AbortSignal
  readonly reportProgress: (progress: BenchmarkProgress) => void
}

export interface ComparedCommits {
  readonly baselineSha: string
  readonly baseTipSha: string
  readonly headSha: string
  readonly outcome: Outcome
  /** Raw measurements; null when nothing was measured. */
  readonly result: BenchmarkResult | null
}

/** The same path as a pull request's (same plan, same measuring, same judging), on a local repository. */
export async function compareCommits(options: CompareOptions): Promise<ComparedCommits> {
  const { repository } = options
  const headSha = await repository.resolveRef(options.headRef)
  const comparison = await repository.compare(options.baseRef, headSha)
  const texts = await readConfigTexts(repository.readTextFile, { ...comparison, headSha })
  const { measureEverything } = options
  const state = decidePlan({ comparison, texts, measureEverything, now: new Date() })
  const { baseTipSha, mergeBaseSha: baselineSha } = comparison
  const commits = { baselineSha, baseTipSha, headSha }
  if (state.kind === 'decided') return { ...commits, outcome: state.outcome, result: null }
  const { plan } = state.planned
  const { signal, reportProgress } = options
  const result = await measureLocally(
    {
      repository: describeRepository(repository.directory, repository.url),
      baselineSha,
      candidateSha: headSha,
      cases: plan.cases,
      measuring: plan.measuring
    },
    { signal, reportProgress, readCalibrations: readOwnCalibrations }
  )
  return { ...commits, outcome: judgeResult({ baselineSha, candidateSha: headSha, plan }, result), result }
}

async function readOwnCalibrations(): Promise<readonly Calibration[]> {
  const { calibrations } = await readCalibrations(readDataDir())
  return calibrations.map(({ calibration }) => calibration)
}
