import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchmarkJob, CONTRACT_VERSION } from '#contracts/benchmark-job.ts'
import type { BenchmarkProgress, BenchmarkResult } from '#contracts/benchmark-result.ts'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import { createJobRunner, type JobRunnerOptions } from '#workers/create-job-runner.ts'
import { type MeasuringSettings, readMeasuringSettings } from '#workers/env.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { fetchSource, type SourceNeeds } from '#workers/source/fetch-source.ts'

const LOCAL_FETCH_TIMEOUT_MS = 5 * MS_PER_MINUTE

export type LocalJob = Pick<BenchmarkJob, 'repository' | 'baselineSha' | 'candidateSha' | 'cases' | 'measuring'>

/** `fetchCommit` puts the files of a commit into a folder; without it they come from the job's repository. */
export interface LocalMeasuring
  extends Pick<JobRunnerOptions, 'injectDelay' | 'readCalibrations'>,
    Partial<Pick<JobRunnerOptions, 'fetchCommit'>> {
  readonly signal: AbortSignal
  readonly reportProgress: (progress: BenchmarkProgress) => void
}

/** Measures on this machine, with the worker's own code and without a queue. Leaves no process and no file behind. */
export async function measureLocally(job: LocalJob, options: LocalMeasuring): Promise<BenchmarkResult> {
  const { signal, reportProgress, ...runnerOptions } = options
  const workRoot = await mkdtemp(join(tmpdir(), 'tailgate-local-'))
  try {
    const bubblewrap = await findBubblewrap()
    const { lfs, ...settings } = readMeasuringSettings()
    const runner = createJobRunner({
      workerId: 'local',
      workRoot,
      bubblewrap,
      ...settings,
      fetchCommit: (...fetch) => fetchFromRepository(lfs, ...fetch),
      ...runnerOptions
    })
    const names = { schemaVersion: CONTRACT_VERSION, jobId: 'local', runId: 'local' } as const
    return await runner({ ...names, ...job }, { signal, reportProgress })
  } finally {
    await rm(workRoot, { recursive: true, force: true })
  }
}

/** What a job says about a repository on this machine. */
export function describeRepository(directory: string, url: string): LocalJob['repository'] {
  return { fullName: directory.slice(-300), cloneUrl: url }
}

function fetchFromRepository(
  lfs: MeasuringSettings['lfs'],
  job: BenchmarkJob,
  sha: string,
  directory: string,
  signal: AbortSignal,
  needs: SourceNeeds
): Promise<void> {
  const { cloneUrl } = job.repository
  return fetchSource({ cloneUrl, token: null, sha, directory, signal, timeoutMs: LOCAL_FETCH_TIMEOUT_MS, needs, lfs })
}
