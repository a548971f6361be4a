import type { BenchmarkProgress, BenchmarkResult } from './benchmark-result.ts'

/** Where a job stands in the queue, as the bot sees it. */
export type JobState =
  /** Never added, cancelled while it waited, removed, or finished more than seven days ago. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'active'; readonly progress: BenchmarkProgress | null }
  | { readonly kind: 'completed'; readonly result: BenchmarkResult }
  /** A worker finished the job with something that is no result of it. */
  | { readonly kind: 'invalid_result'; readonly message: string }
  | { readonly kind: 'failed'; readonly reason: string }
