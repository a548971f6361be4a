/**
 * Largest share of late requests in a valid segment: perf_analyzer warns from the same share on (`constants.h`). With more
 * than that, p99 would be made of requests that the harness sent late.
 */
export const MAX_LATE_SHARE = 0.01

/** Whether a segment measured the harness, or a machine that was elsewhere: it is invalid then, and not slow. */
export function isTooLate({ late, arrivals }: { readonly late: number; readonly arrivals: number }): boolean {
  return late > MAX_LATE_SHARE * arrivals
}
