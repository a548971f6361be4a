import { NS_PER_MS } from '#contracts/units.ts'
import { median } from '#stats/quantile.ts'
import { blockRequests, shuffle } from '#workers/measure/measuring-rules.ts'
import type { BenchPlace } from './bench-models.ts'
import { type LoopedProcess, startBareLoop, startLoopedSide } from './looped-process.ts'

/** Short, so that what disturbs the machine for longer than this disturbs all processes alike. */
const SEGMENT_MS = 50
const WARM_UP_MS = 150
/** Requests that the length of the segments is planned from. */
const PLANNING_REQUESTS = 10

/** Who ran a segment. The second bare loop shows what two equal processes differ by on this machine. */
const RUNNERS = ['side', 'bare', 'bareAgain'] as const
type Runner = (typeof RUNNERS)[number]

/** Of one launch of all processes: medians over its segments. */
export interface LaunchOverhead {
  readonly bareP50Ns: number
  readonly sideP50Ns: number
  /** p50 of the side process over p50 of the bare loop. */
  readonly sideRatio: number
  /** p50 of a second bare loop over that of the first. */
  readonly controlRatio: number
}

export interface LaunchPlan {
  readonly place: BenchPlace
  /** Measuring time of each model. */
  readonly measureMs: number
  readonly random: () => number
}

type Processes = Readonly<Record<Runner, LoopedProcess>>

/**
 * One launch: fresh processes, all alive at the same time, working in turns. In every segment each of them sends the same
 * number of requests, in random order.
 *
 * @returns one for every model
 */
export async function measureLaunch({ place, measureMs, random }: LaunchPlan): Promise<readonly LaunchOverhead[]> {
  const started = await Promise.allSettled([startLoopedSide(place), startBareLoop(place), startBareLoop(place)])
  const processes = started.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
  try {
    for (const result of started) if (result.status === 'rejected') throw result.reason
    const [side, bare, bareAgain] = processes
    if (side === undefined || bare === undefined || bareAgain === undefined) throw new Error('A process is missing.')
    const overheads: LaunchOverhead[] = []
    for (const modelIndex of place.models.keys()) {
      overheads.push(await measureModel({ side, bare, bareAgain }, modelIndex, measureMs, random))
    }
    return overheads
  } finally {
    await Promise.all(processes.map((process) => process.stop()))
  }
}

async function measureModel(
  processes: Processes,
  modelIndex: number,
  measureMs: number,
  random: () => number
): Promise<LaunchOverhead> {
  const latencyNs = median(await processes.bare.run(modelIndex, 1, PLANNING_REQUESTS))
  const requests = blockRequests(latencyNs)
  const blocks = Math.max(1, Math.round((SEGMENT_MS * NS_PER_MS) / (requests * latencyNs)))
  const runSegment = (runner: Runner) => processes[runner].run(modelIndex, blocks, requests)
  for (const runner of RUNNERS) {
    const warmMs = performance.now() + WARM_UP_MS
    while (performance.now() < warmMs) await runSegment(runner)
  }
  const p50sNs: Record<Runner, number[]> = { side: [], bare: [], bareAgain: [] }
  const endMs = performance.now() + measureMs
  do {
    for (const runner of shuffle(RUNNERS, random)) p50sNs[runner].push(median(await runSegment(runner)))
  } while (performance.now() < endMs)
  return {
    bareP50Ns: median(p50sNs.bare),
    sideP50Ns: median(p50sNs.side),
    sideRatio: median(divide(p50sNs.side, p50sNs.bare)),
    controlRatio: median(divide(p50sNs.bareAgain, p50sNs.bare))
  }
}

function divide(numerators: readonly number[], denominators: readonly number[]): number[] {
  return numerators.map((numerator, index) => numerator / (denominators[index] ?? Number.NaN))
}
