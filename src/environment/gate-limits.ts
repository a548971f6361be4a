/** When a reading of the environment counts against what was measured under it. Reasons: docs/devices.md "Gates". */
export interface GateLimits {
  /** Largest gap between the sides' median SM clocks, as a ratio: 0.02 is what "materially different" means elsewhere too. */
  readonly smClockGapMax: number
  /** Share of the time that the host of a virtual machine may give to others without a word. */
  readonly stealShareMax: number
  readonly onSteal: 'warn' | 'inconclusive'
  /** Share of a cgroup's periods that may be throttled without a word. */
  readonly throttledShareMax: number
  readonly onThrottling: 'warn' | 'inconclusive'
  /** Share of a case's rounds that may be thrown away or count against it, as with rounds in which a side failed. */
  readonly badRoundsMax: number
}

/**
 * Steal only warns: it strikes both sides alike, since they take turns every few milliseconds on the same cores, and on the
 * machine that the design was studied on it stayed at 0.7 % while latencies rose by half. What it costs is in the interval.
 * Throttling does not strike alike: a side that takes more processor time is stopped more often, for tens of milliseconds each
 * time, so that a small change looks large.
 */
export const DEFAULT_GATE_LIMITS: GateLimits = {
  smClockGapMax: 0.02,
  stealShareMax: 0.01,
  onSteal: 'warn',
  throttledShareMax: 0.01,
  onThrottling: 'inconclusive',
  badRoundsMax: 0.25
}
