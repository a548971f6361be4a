import type { LoadPoint } from './load-point.ts'

/** A latency at a rate, both as natural logarithms. */
export interface LogPoint {
  readonly lnRate: number
  readonly lnLatency: number
}

/**
 * Points in order of their rates, with the latencies that fit them best among those that never fall as the load rises, which
 * queues do not let them do: isotonic regression of the logarithms by pooling adjacent violators [Barlow1972, 1.2].
 *
 * Points without a latency are left out.
 */
export function fitRisingLatency(points: readonly LoadPoint[]): LogPoint[] {
  const sorted = points
    .flatMap(({ ratePerS, latencyNs }) => {
      return latencyNs === null ? [] : [{ lnRate: Math.log(ratePerS), lnLatency: Math.log(latencyNs) }]
    })
    .sort((left, right) => left.lnRate - right.lnRate)
  const pools: { mean: number; size: number }[] = []
  for (const { lnLatency } of sorted) {
    let pool = { mean: lnLatency, size: 1 }
    for (let before = pools.at(-1); before !== undefined && before.mean >= pool.mean; before = pools.at(-1)) {
      const size = before.size + pool.size
      pool = { mean: (before.mean * before.size + pool.mean * pool.size) / size, size }
      pools.pop()
    }
    pools.push(pool)
  }
  const fitted = pools.flatMap(({ mean, size }) => new Array<number>(size).fill(mean))
  return sorted.map(({ lnRate }, index) => ({ lnRate, lnLatency: fitted[index] ?? Number.NaN }))
}
