import { compareMeans, comparePairs, compareQuantile, sortWindows } from './compare-windows.ts'
import { P95_WINDOW_REQUESTS, P99_WINDOW_REQUESTS } from './judge-settings.ts'
import type { Quad } from './paired-sample.ts'
import { differenceEffect, medianEffect, type RoundEffect, type RoundEffects } from './round-effect.ts'
import { compareSlowness } from './slow-share.ts'
import { cutWindows, type Window } from './windows.ts'

/** One request after the other, in short blocks. docs/statistics.md "Per round and metric". */
export function compareClosedLoop(
  quads: readonly Quad[]
): Pick<RoundEffects, 'p50' | 'throughput' | 'p95' | 'p99' | 'slow_share'> {
  const windows = sortWindows(cutWindows(quads, P95_WINDOW_REQUESTS))
  const tailWindows = sortWindows(cutWindows(quads, P99_WINDOW_REQUESTS))
  return {
    p50: comparePairs(quads, windows),
    throughput: compareMeans(quads),
    p95: medianEffect(windows.map((window) => compareQuantile(window, 0.95))),
    p99: medianEffect(tailWindows.map((window) => compareQuantile(window, 0.99))),
    slow_share: tailWindows.length === 0 ? null : compareSlowShares(windows)
  }
}

function compareSlowShares(windows: readonly Window[]): RoundEffect {
  const { baseline, candidate } = compareSlowness(windows)
  return differenceEffect(baseline, candidate)
}
