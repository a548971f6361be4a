import { type FetchCommitOptions, fetchCommit } from './fetch-commit.ts'
import { DEFAULT_TOTAL_MAX_BYTES, fetchLfsObjects, type LfsLimits, type LfsProblem } from './fetch-lfs-objects.ts'

/** What is needed of a commit besides its files as they were committed. */
export interface SourceNeeds {
  /** Files that will be used. Git LFS pointers among them are replaced by their objects; all others stay pointers. */
  readonly paths: readonly string[]
  /**
   * Called once those are there: more files that turn out to be needed, such as the external data of models. May name files
   * that do not exist.
   */
  readonly listMore?: (signal: AbortSignal) => Promise<readonly string[]>
  /** Told which of them stayed pointers, and why. */
  readonly reportProblems?: (problems: readonly LfsProblem[]) => void
}

export interface FetchSourceOptions extends FetchCommitOptions {
  readonly needs?: SourceNeeds
  readonly lfs?: LfsLimits & { readonly lfsPath?: string }
}

/**
 * Puts the files of one commit into an empty folder, with the Git LFS objects that are needed. Fetching the commit and each
 * of the two times that objects are fetched may take `timeoutMs`.
 *
 * @throws SourceError
 */
export async function fetchSource(options: FetchSourceOptions): Promise<void> {
  const { needs, lfs, ...commit } = options
  await fetchCommit(commit)
  if (needs === undefined) return
  const totalMaxBytes = lfs?.totalMaxBytes ?? DEFAULT_TOTAL_MAX_BYTES
  const first = await fetchLfsObjects({ ...commit, ...lfs, totalMaxBytes, paths: needs.paths })
  const more = (await needs.listMore?.(options.signal)) ?? []
  const leftBytes = totalMaxBytes - first.fetchedBytes
  const second = await fetchLfsObjects({ ...commit, ...lfs, totalMaxBytes: leftBytes, paths: more })
  const problems = [...first.problems, ...second.problems]
  if (problems.length > 0) needs.reportProblems?.(problems)
}
