import { MS_PER_S, NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import { quantileOfSorted } from '#stats/quantile.ts'
import { type ArrivalPlan, scheduleArrivals } from '#workers/load/arrival-schedule.ts'
import { createSingleInstance } from '#workers/load/instances.ts'
import { summariseSegment } from '#workers/load/summarise-segment.ts'
import { runOpenLoop } from '#workers/scenarios/open-loop.ts'

export const LATENESS_RATES_PER_S = [10, 100, 1000] as const

/** How late requests were sent, of one way to send them. */
export interface Lateness {
  readonly requests: number
  readonly p50Ns: number
  readonly p99Ns: number
  readonly worstNs: number
}

export interface LatenessFigures {
  readonly ratePerS: number
  readonly ours: Lateness
  /** A dispatcher that sets a timer for each request. */
  readonly timers: Lateness
}

/** Turns that each way gets: what disturbs the machine for long disturbs both. */
const TURNS = 4

/** Sends requests that take no time, by our instances and by timers in turns, over the same arrivals. */
export async function measureLateness(ratePerS: number, seconds: number): Promise<LatenessFigures> {
  const ours: number[] = []
  const timers: number[] = []
  for (let turn = 0; turn < TURNS; turn += 1) {
    const durationNs = (seconds / TURNS / 2) * NS_PER_S
    const plan: ArrivalPlan = { kind: 'poisson', ratePerS, durationNs, seed: turn }
    ours.push(...(await sendByInstance(plan)))
    timers.push(...(await sendByTimers(scheduleArrivals(plan))))
  }
  return { ratePerS, ours: summarise(ours), timers: summarise(timers) }
}

async function sendByInstance(plan: ArrivalPlan): Promise<readonly number[]> {
  const limits = { timeoutNs: null, maxQueue: null, cutNs: Number.POSITIVE_INFINITY }
  const instances = createSingleInstance(async () => {})
  const { arrivalsNs, records } = await runOpenLoop(instances, { plan, limits, firstIndex: 0 })
  return summariseSegment(arrivalsNs, records).latenessNs
}

/** As load generators on an event loop do it: one timer, set anew for the next arrival whenever it fires. */
function sendByTimers(arrivalsNs: Float64Array): Promise<readonly number[]> {
  const latenessNs: number[] = []
  const originMs = performance.now() + 5
  return new Promise((resolve) => {
    const fire = () => {
      const nowNs = (performance.now() - originMs) * NS_PER_MS
      let dueNs = arrivalsNs[latenessNs.length]
      // A timer may fire before its time: the request is then sent early, and is not late.
      while (dueNs !== undefined && dueNs <= nowNs + NS_PER_MS / 2) {
        latenessNs.push(Math.max(0, nowNs - dueNs))
        dueNs = arrivalsNs[latenessNs.length]
      }
      if (dueNs === undefined) resolve(latenessNs)
      else setTimeout(fire, (dueNs - nowNs) / NS_PER_MS)
    }
    setTimeout(fire, MS_PER_S / 200)
  })
}

function summarise(latenessNs: readonly number[]): Lateness {
  const sorted = Float64Array.from(latenessNs).sort()
  return {
    requests: sorted.length,
    p50Ns: quantileOfSorted(sorted, 0.5),
    p99Ns: quantileOfSorted(sorted, 0.99),
    worstNs: sorted.at(-1) ?? Number.NaN
  }
}
