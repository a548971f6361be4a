import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import { fetchCommit } from './fetch-commit.ts'
import { requestSourceToken, revokeSourceToken } from './request-source-token.ts'

/** One commit of one repository; large histories are not fetched. */
const FETCH_TIMEOUT_MS = 10 * MS_PER_MINUTE

export interface SourceAccess {
  readonly botUrl: string
  readonly workerToken: string
}

/**
 * Fetches one commit with a token that is asked for just before and revoked just after, so that a token never outlives
 * the fetch step.
 */
export async function fetchWithSourceToken(
  access: SourceAccess,
  job: BenchmarkJob,
  sha: string,
  directory: string,
  signal: AbortSignal
): Promise<void> {
  const source = await requestSourceToken({ ...access, jobId: job.jobId, signal })
  try {
    await fetchCommit({
      cloneUrl: job.repository.cloneUrl,
      token: source?.token ?? null,
      sha,
      directory,
      signal,
      timeoutMs: FETCH_TIMEOUT_MS
    })
  } finally {
    if (source !== null) await revokeSourceToken({ ...source, signal: AbortSignal.timeout(10_000) })
  }
}
