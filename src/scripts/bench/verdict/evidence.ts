import type { PerSide } from '#stats/paired-sample.ts'
import type { RecordedLaunch, SideRun } from './recorded-launch.ts'

/**
 * Which data a rule is given.
 * - `interleaved`: both sides of the same launches, measured in turns, as Tailgate measures.
 * - `sequential`: a stretch of launches of one side, then the stretch that follows of the other, as two runs back to back.
 * - `history`: the candidate's launches, and stored results of the baseline from the launches before.
 */
export type Feed = 'interleaved' | 'sequential' | 'history'

/** What one draw gives to a rule. */
export interface Evidence {
  readonly baseline: readonly SideRun[]
  readonly candidate: readonly SideRun[]
  /** Launches with both sides; only for feed `interleaved`. */
  readonly launches: readonly RecordedLaunch[]
  /** All requests of each side, ascending; computed when first asked for. */
  readonly pooled: () => PerSide<Float64Array>
}

export function evidenceOfLaunches(launches: readonly RecordedLaunch[]): Evidence {
  const baseline = launches.map((launch) => launch.baseline)
  const candidate = launches.map((launch) => launch.candidate)
  return { ...evidenceOfRuns(baseline, candidate), launches }
}

/** @param baseline for feed `history`: stored results, oldest first */
export function evidenceOfRuns(baseline: readonly SideRun[], candidate: readonly SideRun[]): Evidence {
  let pooled: PerSide<Float64Array> | null = null
  return {
    baseline,
    candidate,
    launches: [],
    pooled: () => {
      pooled ??= { baseline: poolRuns(baseline), candidate: poolRuns(candidate) }
      return pooled
    }
  }
}

function poolRuns(runs: readonly SideRun[]): Float64Array {
  const pooled = new Float64Array(runs.reduce((sum, run) => sum + run.latenciesNs.length, 0))
  let offset = 0
  for (const { latenciesNs } of runs) {
    pooled.set(latenciesNs, offset)
    offset += latenciesNs.length
  }
  return pooled.sort()
}
