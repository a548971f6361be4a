import { MS_PER_MINUTE } from '#contracts/units.ts'
import { type FetchSourceOptions, fetchSource, type SourceNeeds } from './fetch-source.ts'
import { requestSourceToken, revokeSourceToken } from './request-source-token.ts'

/** One commit of one repository, or its Git LFS objects; large histories are not fetched. */
const FETCH_TIMEOUT_MS = 10 * MS_PER_MINUTE

export interface SourceAccess {
  readonly botUrl: string
  readonly workerToken: string
  /** Limits of this worker. */
  readonly lfs?: FetchSourceOptions['lfs']
}

export interface SourceFetcher {
  /**
   * Puts the files of one commit into an empty folder, with a token that is asked for just before and revoked just after.
   * The address comes with the token, from the bot: what stands in the queue cannot send a token elsewhere. Git LFS pointers
   * among the files that `needs` names are replaced by their objects.
   *
   * @throws SourceError, SourceTokenError
   */
  fetchCommit(
    this: void,
    job: { readonly jobId: string },
    sha: string,
    directory: string,
    signal: AbortSignal,
    needs?: SourceNeeds
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
    fetchCommit: async (job, sha, directory, signal, needs) => {
      const source = await requestSourceToken({
        botUrl: access.botUrl,
        workerToken: access.workerToken,
        jobId: job.jobId,
        signal
      })
      const { cloneUrl, token } = source
      try {
        await fetchSource({
          cloneUrl,
          token,
          sha,
          directory,
          signal,
          timeoutMs: FETCH_TIMEOUT_MS,
          ...(needs === undefined ? {} : { needs }),
          ...(access.lfs === undefined ? {} : { lfs: access.lfs })
        })
      } finally {
        revoke(source)
      }
    },
    settle: async () => {
      await Promise.allSettled(revocations)
    }
  }
}
