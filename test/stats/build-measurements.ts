import { listLooks, MAX_PLANNED_ROUNDS } from '#contracts/decision-design.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { Block, MeasuredCase } from '#contracts/measurements.ts'
import type { Metric } from '#contracts/metric.ts'
import { NO_EFFECTS, type RoundEffect } from '#stats/round-effect.ts'
import type { RoundStatistics } from '#stats/summarise-rounds.ts'

/** The looks of a run by default. */
export const PLANNED_LOOKS: readonly number[] = listLooks(MAX_PLANNED_ROUNDS)

/** Seeded uniform numbers in [0, 1): mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Seeded standard normal numbers: Box and Muller. */
export function seededNormal(seed: number): () => number {
  const random = seededRandom(seed)
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

export function block(
  side: Side,
  latenciesNs: number[],
  place: Partial<Omit<Block, 'side' | 'latenciesNs'>> = {}
): Block {
  return { side, launch: 0, quad: 0, wallNs: 1_000_000, errors: 0, ...place, latenciesNs }
}

export interface SimulatedCase {
  readonly id?: string
  readonly launches?: number
  readonly quads?: number
  readonly requestsPerBlock?: number
  readonly latencyNs?: number
  /** Candidate latency = this × baseline latency, on average. */
  readonly slowdown?: number
  /** Relative scatter of single requests. */
  readonly scatter?: number
  /** Relative scatter of the candidate's launches. */
  readonly launchScatter?: number
  /** How much slower the candidate starts into every launch; it fades by e every third of it. */
  readonly coldExcess?: number
  readonly seed?: number
}

/** A case with log-normal latencies around one level, in quads of ABBA. */
export function simulateCase(options: SimulatedCase = {}): MeasuredCase {
  const {
    launches = 9,
    quads = 20,
    requestsPerBlock = 3,
    latencyNs = 2_000_000,
    slowdown = 1,
    scatter = 0.02,
    launchScatter = 0,
    coldExcess = 0
  } = options
  const normal = seededNormal(options.seed ?? 1)
  const blocks: Block[] = []
  for (let launch = 0; launch < launches; launch += 1) {
    const launched = launchScatter === 0 ? slowdown : slowdown * Math.exp(launchScatter * normal())
    for (let quad = 0; quad < quads; quad += 1) {
      for (const side of ['baseline', 'candidate', 'candidate', 'baseline'] as const) {
        const cold = 1 + coldExcess * Math.exp((-3 * quad) / quads)
        const level = side === 'candidate' ? latencyNs * launched * cold : latencyNs
        const latenciesNs = Array.from({ length: requestsPerBlock }, () => level * Math.exp(scatter * normal()))
        blocks.push(block(side, latenciesNs, { launch, quad }))
      }
    }
  }
  return { id: options.id ?? 'model/cpu/single', blocks }
}

/** A round with the given slowdown per metric; what is not named has no effect. */
export function roundWith(
  launch: number,
  slowdowns: Partial<Record<Metric, number | null>> = {},
  errors: { baseline: number; candidate: number } = { baseline: 0, candidate: 0 }
): RoundStatistics {
  const effect = (metric: Metric): RoundEffect | null => {
    const slowdown = slowdowns[metric] === undefined ? 0 : slowdowns[metric]
    if (slowdown === null) return null
    const level = metric === 'slow_share' ? 0.06 : 2_000_000
    return { slowdown, baseline: level, candidate: level }
  }
  return {
    launch,
    wallNs: 2_000_000_000,
    requests: { baseline: 240, candidate: 240 },
    errors,
    quads: 40,
    unpairedQuads: 0,
    lateQuads: 0,
    pairedRequests: 240,
    slope: null,
    effects: {
      ...NO_EFFECTS,
      p50: effect('p50'),
      throughput: effect('throughput'),
      p95: effect('p95'),
      p99: effect('p99'),
      slow_share: effect('slow_share')
    }
  }
}

/** Rounds whose five metrics scatter together by `spread` around `slowdown`, as those of one machine do. */
export function simulateRounds(
  normal: () => number,
  rounds: number,
  spread: number,
  slowdown = 0
): readonly RoundStatistics[] {
  return Array.from({ length: rounds }, (_, launch) => {
    const shared = normal()
    const draw = (scale: number) => slowdown + scale * spread * (0.8 * shared + 0.6 * normal())
    return roundWith(launch, {
      p50: draw(1),
      throughput: draw(1),
      p95: draw(1.5),
      p99: draw(3),
      slow_share: 0.3 * spread * normal()
    })
  })
}
