import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import type { Block } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { median } from '#stats/quantile.ts'

/** Notes when each round ended, from what the worker says. */
export function createRoundTimes(): {
  readonly note: (progress: BenchmarkProgress) => void
  /** Milliseconds of each round from start to end, restarts and warm-up included. */
  readonly roundsMs: () => number[]
} {
  const endsMs = new Map<number, number>()
  function note({ phase, roundsDone, elapsedMs }: BenchmarkProgress): void {
    if (phase === 'measuring' && !endsMs.has(roundsDone)) endsMs.set(roundsDone, elapsedMs)
  }
  function roundsMs(): number[] {
    return [...endsMs].flatMap(([round, endMs]) => {
      const startMs = endsMs.get(round - 1)
      return startMs === undefined ? [] : [endMs - startMs]
    })
  }
  return { note, roundsMs }
}

/** What a round takes beyond its measuring, shared out among its cases: the median over the rounds. */
export function overheadPerCaseMs(roundsMs: readonly number[], casesOfBlocks: readonly (readonly Block[])[]): number {
  const measuredMs = new Map<number, number>()
  for (const blocks of casesOfBlocks) {
    for (const { launch, wallNs } of blocks) {
      measuredMs.set(launch, (measuredMs.get(launch) ?? 0) + wallNs / NS_PER_MS)
    }
  }
  const overheadsMs = roundsMs.map((roundMs, launch) => roundMs - (measuredMs.get(launch) ?? 0))
  const overheadMs = overheadsMs.length === 0 ? 0 : median(overheadsMs)
  return Math.max(0, overheadMs) / Math.max(1, casesOfBlocks.length)
}
