import { NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import { createRandom, inputSeed } from '#workers/side/random-numbers.ts'

/** When the requests of one segment arrive. Plain data: both sides and the supervisor make the same schedule from it. */
export type ArrivalPlan =
  | {
      readonly kind: 'poisson'
      readonly ratePerS: number
      readonly durationNs: number
      /** Other seeds give other arrivals; the same seed the same ones, on every machine. */
      readonly seed: number
    }
  | { readonly kind: 'constant'; readonly ratePerS: number; readonly durationNs: number }
  | { readonly kind: 'burst'; readonly size: number; readonly everyMs: number; readonly bursts: number }

/** Most requests of one segment: their records take 26 bytes each and travel as one message. */
export const MAX_SEGMENT_ARRIVALS = 200_000

/** How many requests arrive: for a rate, rate × duration rounded to a whole number, and at least one. */
export function countArrivals(plan: ArrivalPlan): number {
  if (plan.kind === 'burst') return plan.size * plan.bursts
  return Math.max(1, Math.round((plan.ratePerS * plan.durationNs) / NS_PER_S))
}

/** Length of the segment in nanoseconds, from its start on: every arrival is earlier. */
export function segmentDurationNs(plan: ArrivalPlan): number {
  return plan.kind === 'burst' ? plan.bursts * plan.everyMs * NS_PER_MS : plan.durationNs
}

/**
 * Intended arrival times of one segment, ascending, in nanoseconds from its start: known before the first request is sent,
 * so that no answer can move them.
 *
 * Poisson arrivals are scaled so that exactly rate × duration of them fall into the segment. With one more gap drawn than
 * there are arrivals, that is the Poisson process itself, given its number of arrivals: sums of n + 1 exponential gaps over
 * their total are distributed as n sorted uniform numbers [Devroye1986, V.2.2]. Unscaled, a segment of 10,000 arrivals would
 * miss its rate by 1 % in a third of all cases, and the sides' rates would differ from what the report says.
 *
 * @throws {RangeError} when there would be more than {@link MAX_SEGMENT_ARRIVALS}
 */
export function scheduleArrivals(plan: ArrivalPlan): Float64Array {
  const count = countArrivals(plan)
  if (!(count <= MAX_SEGMENT_ARRIVALS)) {
    throw new RangeError(`A segment of ${count} arrivals is too long: at most ${MAX_SEGMENT_ARRIVALS} fit into one.`)
  }
  switch (plan.kind) {
    case 'poisson':
      return schedulePoisson(count, plan.durationNs, plan.seed)
    case 'constant':
      return Float64Array.from({ length: count }, (_, index) => (index * plan.durationNs) / count)
    case 'burst':
      return Float64Array.from(
        { length: count },
        (_, index) => Math.floor(index / plan.size) * plan.everyMs * NS_PER_MS
      )
  }
}

function schedulePoisson(count: number, durationNs: number, seed: number): Float64Array {
  const random = createRandom(inputSeed(seed, 'arrivals'))
  const arrivalsNs = new Float64Array(count)
  let total = 0
  for (let index = 0; index < count; index += 1) {
    total -= Math.log(1 - random())
    arrivalsNs[index] = total
  }
  total -= Math.log(1 - random())
  const scale = total > 0 ? durationNs / total : 0
  for (let index = 0; index < count; index += 1) arrivalsNs[index] = (arrivalsNs[index] ?? 0) * scale
  return arrivalsNs
}
