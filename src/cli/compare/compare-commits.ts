import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchmarkJob, CONTRACT_VERSION } from '#contracts/benchmark-job.ts'
import type { BenchmarkProgress, BenchmarkResult } from '#contracts/benchmark-result.ts'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import { CONFIG_PATH } from '#src/config/config-path.ts'
import type { Outcome } from '#src/report/outcome.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import type { PlannedRun } from '#src/run/run.ts'
import { decidePlan } from '#src/run/start-run.ts'
import { readCalibrations } from '#workers/calibration/read-calibrations.ts'
import { createJobRunner } from '#workers/create-job-runner.ts'
import { readDataDir } from '#workers/env.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { fetchCommit } from '#workers/source/fetch-commit.ts'
import type { LocalRepository } from './local-repository.ts'

const LOCAL_FETCH_TIMEOUT_MS = 5 * MS_PER_MINUTE

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
  const read = (sha: string) => repository.readTextFile(CONFIG_PATH, sha)
  const [policy, baseline, candidate] = await Promise.all([
    read(comparison.baseTipSha),
    read(comparison.mergeBaseSha),
    read(headSha)
  ])
  const { measureEverything } = options
  const texts = { policy, baseline, candidate }
  const state = decidePlan({ comparison, texts, measureEverything, now: new Date() })
  const { baseTipSha, mergeBaseSha: baselineSha } = comparison
  const commits = { baselineSha, baseTipSha, headSha }
  if (state.kind === 'decided') return { ...commits, outcome: state.outcome, result: null }
  const result = await measure(options, state.planned, { baselineSha, headSha })
  const { plan } = state.planned
  return { ...commits, outcome: judgeResult({ baselineSha, candidateSha: headSha, plan }, result), result }
}

type Commits = Pick<ComparedCommits, 'baselineSha' | 'headSha'>

async function measure(options: CompareOptions, planned: PlannedRun, commits: Commits): Promise<BenchmarkResult> {
  const workRoot = await mkdtemp(join(tmpdir(), 'tailgate-compare-'))
  try {
    const runner = createJobRunner({
      workerId: 'local',
      workRoot,
      bubblewrap: await findBubblewrap(),
      fetchCommit: (job, sha, directory, signal) =>
        fetchCommit({
          cloneUrl: job.repository.cloneUrl,
          token: null,
          sha,
          directory,
          signal,
          timeoutMs: LOCAL_FETCH_TIMEOUT_MS
        }),
      readCalibrations: async () => {
        const { calibrations } = await readCalibrations(readDataDir())
        return calibrations.map(({ calibration }) => calibration)
      }
    })
    return await runner(createJob(options.repository, planned, commits), options)
  } finally {
    await rm(workRoot, { recursive: true, force: true })
  }
}

function createJob(repository: LocalRepository, planned: PlannedRun, commits: Commits): BenchmarkJob {
  return {
    schemaVersion: CONTRACT_VERSION,
    jobId: 'local',
    runId: 'local',
    repository: { fullName: repository.directory.slice(-300), cloneUrl: repository.url },
    baselineSha: commits.baselineSha,
    candidateSha: commits.headSha,
    cases: planned.plan.cases,
    measuring: planned.plan.measuring
  }
}
