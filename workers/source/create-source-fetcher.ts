import { MS_PER_MINUTE } from '#contracts/units.ts'
import { fetchCommit } from './fetch-commit.ts'
import { requestSourceToken, revokeSourceToken } from './request-source-token.ts'

/** One commit of one repository; large histories are not fetched. */
const FETCH_TIMEOUT_MS = 10 * MS_PER_MINUTE

export interface SourceAccess {
  readonly botUrl: string
  readonly workerToken: string
}

export interface SourceFetcher {
  /**
   * Puts the files of one commit into an empty folder, with a token that is asked for just before and revoked just after.
   * The address comes with the token, from the bot: what stands in the queue cannot send a token elsewhere.
   *
   * @throws SourceError, SourceTokenError
   */
  fetchCommit(
    this: void,
    job: { readonly jobId: string },
    sha: string,
    directory: string,
    signal: AbortSignal
  ): Promise<void>
  /** Waits for revocations under way, two seconds at most. Never throws. */
  settle(): Promise<void>
}

/** Nobody waits for a revocation: a server that hangs must hold up neither a job nor its cancellation. */
export function createSourceFetcher(access: SourceAccess): SourceFetcher {
  const revocations = new Set<Promise<unknown>>()

  function revoke(source: { readonly token: string; readonly apiUrl: string }): void {
    const revocation = revokeSourceToken(source).finally(() => revocations.delete(revocation))
    revocations.add(revocation)
  }

  return {
    fetchCommit: async (job, sha, directory, signal) => {
      const source = await requestSourceToken({ ...access, jobId: job.jobId, signal })
      const { cloneUrl, token } = source
      try {
        await fetchCommit({ cloneUrl, token, sha, directory, signal, timeoutMs: FETCH_TIMEOUT_MS })
      } finally {
        revoke(source)
      }
    },
    settle: async () => {
      await Promise.allSettled(revocations)
    }
  }
}
