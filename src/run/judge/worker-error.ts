import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'

/** Something that no worker of ours sends. */
export function workerError(message: string): BenchmarkFailure {
  return { code: 'worker_error', side: null, message, hint: 'Re-run the check; see the worker’s log if it comes back.' }
}
