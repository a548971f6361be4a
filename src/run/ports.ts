import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { JobState } from '#contracts/job-state.ts'
import type { CheckConclusion, Outcome } from '#src/report/outcome.ts'
import type { Expected } from './judge/find-mismatch.ts'
import type { BaseCommits, Cancel, RepositoryRef, Run, RunState, Trigger } from './run.ts'
import type { RunRequest } from './run-request.ts'

/** A pull request as GitHub has it now. */
export interface PullFacts {
  readonly number: number
  readonly open: boolean
  readonly headSha: string
  readonly baseRef: string
  readonly fromFork: boolean
}

/** Base and head laid side by side by GitHub. */
export interface ComparisonFacts {
  /** Tip of the base branch: the commit whose configuration judges. */
  readonly baseTipSha: string
  /** Where the head branched off: the commit that is measured as baseline. */
  readonly mergeBaseSha: string
  /** Paths that differ between merge base and head; `unknown` when GitHub's list (300 files) was full. */
  readonly changedFiles: readonly string[] | 'unknown'
}

export interface CheckAnnotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly level: 'failure' | 'warning' | 'notice'
  readonly title: string
  readonly message: string
}

export interface CheckOutput {
  readonly title: string
  readonly summary: string
  readonly text: string | null
  readonly annotations: readonly CheckAnnotation[]
}

export type CheckStatus =
  | { readonly kind: 'queued' }
  | { readonly kind: 'in_progress' }
  | { readonly kind: 'completed'; readonly conclusion: CheckConclusion }

/** What a run needs of GitHub. Every method may throw when GitHub does; the reconciler then tries again later. */
export interface Github {
  readPull(repository: RepositoryRef, number: number): Promise<PullFacts | null>
  /** Open pull requests updated at or after `since`, newest first, at most 100. */
  listOpenPulls(repository: RepositoryRef, since: Date): Promise<readonly PullFacts[]>
  /** Null when one of the two no longer exists. */
  compare(repository: RepositoryRef, baseRef: string, headSha: string): Promise<ComparisonFacts | null>
  /** UTF-8 text of a file at a commit; null when there is none. */
  readTextFile(repository: RepositoryRef, path: string, sha: string): Promise<string | null>
  findCheck(repository: RepositoryRef, headSha: string, externalId: string): Promise<number | null>
  createCheck(repository: RepositoryRef, headSha: string, externalId: string, output: CheckOutput): Promise<number>
  isCheckCompleted(repository: RepositoryRef, checkRunId: number): Promise<boolean>
  updateCheck(repository: RepositoryRef, checkRunId: number, status: CheckStatus, output: CheckOutput): Promise<void>
  /** Our own sticky comment on a pull request: authorship and marker must both match. */
  findComment(repository: RepositoryRef, pullRequest: number): Promise<number | null>
  createComment(repository: RepositoryRef, pullRequest: number, body: string): Promise<number>
  /** False when the comment is gone. */
  updateComment(repository: RepositoryRef, commentId: number, body: string): Promise<boolean>
  react(repository: RepositoryRef, commentId: number, reaction: 'eyes' | 'confused' | 'rocket'): Promise<void>
  /** True only when GitHub's permission API says write, maintain or admin. */
  mayWrite(repository: RepositoryRef, user: string): Promise<boolean>
  /** Address to fetch the repository from, without credentials. */
  cloneUrl(repository: RepositoryRef): string
  /** Address of the repository's pages. */
  repositoryUrl(repository: RepositoryRef): string
}

/** What a run needs of the queue. */
export interface JobQueue {
  /** Adding the same job id twice adds nothing. Lower priority numbers go first; 1 is the first. */
  add(job: BenchmarkJob, options: { readonly priority: number }): Promise<void>
  state(jobId: string): Promise<JobState>
  /** Removes a waiting job, or tells the worker of an active one to stop. */
  requestCancel(jobId: string, reason: string): Promise<void>
  workersOnline(): Promise<number>
}

export interface NewRun {
  readonly repository: RepositoryRef
  readonly pullRequest: number
  readonly headSha: string
  readonly baseRef: string
  readonly trigger: Trigger
  readonly fromFork: boolean
  readonly approvedBy: string | null
}

/** What a run needs of the database. */
export interface RunStore {
  /** Repositories with requests that are due. */
  repositoriesWithRequests(): Promise<readonly number[]>
  /** Requests of a repository that are due, oldest first, at most 500. */
  pendingRequests(repositoryId: number): Promise<readonly RunRequest[]>
  finishRequests(deliveryIds: readonly string[]): Promise<void>
  /** A request could not be handled: it is due again later, each time twice as late. */
  postponeRequest(deliveryId: string): Promise<void>
  /** Forgets what no redelivery can ask for again. */
  pruneRequests(): Promise<void>
  runsOfPull(repositoryId: number, pullRequest: number): Promise<readonly Run[]>
  /** Ids of runs that are not published and due, oldest first. */
  dueRuns(): Promise<readonly string[]>
  /** The last run that was created for a pull request. */
  newestRun(repositoryId: number, pullRequest: number): Promise<Run | null>
  findRun(id: string): Promise<Run | null>
  /**
   * Numbers the attempt itself: one more than the last for this pull request and head. Does nothing when such a run is
   * live already.
   */
  createRun(run: NewRun): Promise<void>
  setCheckRun(id: string, checkRunId: number): Promise<void>
  setCancel(id: string, cancel: Cancel): Promise<void>
  /**
   * A step failed: the run is due again later, each time twice as late, at most a quarter of an hour.
   *
   * @returns how many steps in a row have failed.
   */
  postponeRun(id: string): Promise<number>
  /** Moves a run forward and makes it due; false when it is no longer in state `from`, and then nothing was changed. */
  advance(id: string, from: RunState['kind'], to: RunState): Promise<boolean>
  /** Keeps the measurements of a run: a `BenchmarkResult` as JSON, packed with gzip. */
  saveResult(id: string, measurements: Uint8Array): Promise<void>
  stickyComment(repositoryId: number, pullRequest: number): Promise<number | null>
  setStickyComment(repositoryId: number, pullRequest: number, commentId: number): Promise<void>
  /** Repositories seen in requests, with when each was first seen. */
  knownRepositories(): Promise<readonly { readonly repository: RepositoryRef; readonly firstSeenAt: Date }[]>
}

/** What a worker's answer came to. */
export interface JudgedResult {
  readonly outcome: Outcome
  /** A `BenchmarkResult` as JSON, packed with gzip; null when the answer could not be read. */
  readonly measurements: Uint8Array | null
}

/** Unpacks, checks and judges what a worker handed back, away from the bot's event loop. */
export interface ResultJudge {
  /**
   * What is wrong with the answer, or with judging it, is an outcome.
   *
   * @throws when it was not tried: too much waits already, or the bot stops
   */
  judge(question: { readonly jobId: string; readonly expected: Expected }, encoded: unknown): Promise<JudgedResult>
}

/** What a decided run looks like on GitHub. */
export interface RenderedReport {
  readonly conclusion: CheckConclusion
  readonly output: CheckOutput
  readonly comment: string
  /** False when a pull request that has no comment of ours yet can do without this one. */
  readonly deservesComment: boolean
}

export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}

/** Everything that starting, finishing and reconciling runs reach for. */
export interface RunDeps {
  readonly github: Github
  readonly queue: JobQueue
  readonly store: RunStore
  readonly judge: ResultJudge['judge']
  readonly render: (run: Run, commits: BaseCommits | null, outcome: Outcome) => RenderedReport
  readonly log: Log
  readonly now: () => Date
}
