/** One step of a ramp: what one offered rate gave. */
export interface LoadPoint {
  /** Offered. */
  readonly ratePerS: number
  /** A percentile, or the mean; null where it is longer than any: on a failed request, or of a rate that was not sustained. */
  readonly latencyNs: number | null
}
