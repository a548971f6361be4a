import { MS_PER_S, NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import { findKnee, type Knee } from '#src/load-curve/find-knee.ts'
import type { LoadPoint } from '#src/load-curve/load-point.ts'
import { median } from '#stats/quantile.ts'
import type { ArrivalPlan } from '#workers/load/arrival-schedule.ts'
import { createSingleInstance } from '#workers/load/instances.ts'
import { rampRates } from '#workers/load/ramp-rates.ts'
import { summariseSegment } from '#workers/load/summarise-segment.ts'
import { runOpenLoop } from '#workers/scenarios/open-loop.ts'
import { createMd1Queue } from './md1-sojourn.ts'
import { CALM_SHARE } from './measure-queue.ts'
import { spinFor } from './spin-for.ts'
import { watchOthers } from './watch-others.ts'

/** Shorter than that of the queue: more requests per step, where a percent of it matters less. */
export const KNEE_SERVICE_MS = 0.5
const CAPACITY_PER_S = MS_PER_S / KNEE_SERVICE_MS
/** In parts of the capacity; the last steps are beyond it. */
const FROM = 0.15
const TO = 1.2
const STEPS = 10
const MOST_ATTEMPTS = 4
/** Of the known curve. */
const FINE_STEPS = 400

export interface KneeFigures {
  readonly found: Knee
  /** Of the M/D/1 queue in theory. */
  readonly knownPerS: number
  readonly steps: number
  readonly requests: number
  /** Steps of which no attempt was calm. */
  readonly disturbed: number
}

/** Runs a ramp on requests of a constant service time, and looks for the knee of its p50. */
export async function measureKnee(seconds: number): Promise<KneeFigures> {
  const rates = rampRates(FROM * CAPACITY_PER_S, TO * CAPACITY_PER_S, STEPS)
  const points: LoadPoint[] = []
  let requests = 0
  let disturbed = 0
  for (const [step, ratePerS] of rates.entries()) {
    const plan = { kind: 'poisson', ratePerS, durationNs: (seconds / STEPS) * NS_PER_S, seed: step } as const
    const { latenciesNs, calm } = await measureCalmly(plan)
    requests += latenciesNs.length
    if (!calm) disturbed += 1
    points.push({ ratePerS, latencyNs: median(latenciesNs) })
  }
  return { found: findKnee(points), knownPerS: knownKneePerS(), steps: STEPS, requests, disturbed }
}

/** Measures a step until it was calm, or has been tried often enough. */
async function measureCalmly(plan: ArrivalPlan): Promise<{ readonly latenciesNs: number[]; readonly calm: boolean }> {
  const instances = createSingleInstance(async () => spinFor(KNEE_SERVICE_MS))
  const limits = { timeoutNs: null, maxQueue: null, cutNs: Number.POSITIVE_INFINITY }
  for (let attempt = 1; ; attempt += 1) {
    const shareOfOthers = watchOthers()
    const { arrivalsNs, records } = await runOpenLoop(instances, { plan, limits, firstIndex: 0 })
    const calm = shareOfOthers() <= CALM_SHARE
    if (calm || attempt === MOST_ATTEMPTS)
      return { latenciesNs: summariseSegment(arrivalsNs, records).latenciesNs, calm }
  }
}

/** Where the theory's p50 over the rate is lowest, on a fine curve. */
export function knownKneePerS(): number {
  const rates = rampRates(FROM * CAPACITY_PER_S, 0.98 * CAPACITY_PER_S, FINE_STEPS)
  const costs = rates.map((ratePerS) => {
    return (createMd1Queue(ratePerS / CAPACITY_PER_S).sojournQuantile(0.5) * KNEE_SERVICE_MS * NS_PER_MS) / ratePerS
  })
  return rates[costs.indexOf(Math.min(...costs))] ?? Number.NaN
}
