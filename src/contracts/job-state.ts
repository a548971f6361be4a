import type { BenchmarkProgress } from './benchmark-result.ts'

/** Where a job stands in the queue, as the bot sees it. */
export type JobState =
  /** Never added, cancelled while it waited, removed, or finished more than seven days ago. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'waiting' }
  | { readonly kind: 'active'; readonly progress: BenchmarkProgress | null }
  /** What the worker handed back, as it was stored: packed, and not looked at yet. */
  | { readonly kind: 'completed'; readonly encoded: unknown }
  | { readonly kind: 'failed'; readonly reason: string }
