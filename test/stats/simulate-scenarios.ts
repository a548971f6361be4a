import type { Block, MeasuredCase } from '#contracts/measurements.ts'
import { seededRandom } from './build-measurements.ts'

/** A side with a known service time, its machine, and the load it is put under. */
export interface SimulatedQueue {
  readonly rounds?: number
  readonly quads?: number
  readonly segmentS?: number
  readonly serviceMs?: number
  /** Share of the baseline's capacity that is offered; of a ramp, one for each quad. */
  readonly utilisation?: number | readonly number[]
  /** Candidate service time = this × baseline service time. */
  readonly slowdown?: number
  /** Standard deviations of the logarithm: of whole segments, of single requests, of the candidate's launches. */
  readonly segmentSd?: number
  readonly requestSd?: number
  readonly launchSd?: number
  /** Probability that a request takes so much longer, drawn from an exponential around twice its time. */
  readonly stalls?: number
  /** Of the candidate, if it differs. */
  readonly candidateStalls?: number
  readonly timeoutMs?: number
  readonly seed?: number
}

const DEFAULTS = {
  rounds: 9,
  quads: 2,
  segmentS: 3,
  serviceMs: 10,
  utilisation: 0.7,
  slowdown: 1,
  segmentSd: 0.003,
  requestSd: 0.02,
  launchSd: 0.003,
  stalls: 0,
  timeoutMs: Number.POSITIVE_INFINITY,
  seed: 1
}

interface Draws {
  readonly uniform: () => number
  readonly normal: () => number
  readonly exponential: () => number
}

function createDraws(seed: number): Draws {
  const uniform = seededRandom(seed)
  const exponential = () => -Math.log(1 - uniform())
  return {
    uniform,
    exponential,
    normal: () => Math.sqrt(2 * exponential()) * Math.cos(2 * Math.PI * uniform())
  }
}

/** One server, first come first served, Poisson arrivals: M/D/1 with a noisy machine. Both sides meet the same arrivals. */
export function simulateQueue(options: SimulatedQueue = {}): MeasuredCase {
  const queue = { ...DEFAULTS, ...options }
  const rates = [queue.utilisation].flat().map((utilisation) => (utilisation * 1000) / queue.serviceMs)
  const quads = rates.length === 1 ? queue.quads : rates.length
  const draws = createDraws(queue.seed)
  const blocks: Block[] = []
  for (let launch = 0; launch < queue.rounds; launch += 1) {
    const launched = queue.slowdown * Math.exp(queue.launchSd * draws.normal())
    for (let quad = 0; quad < quads; quad += 1) {
      const ratePerS = rates[quad % rates.length] ?? Number.NaN
      const schedules = [0, 1].map(() => drawArrivals(ratePerS, queue.segmentS, draws))
      for (const [side, place] of [
        ['baseline', 0],
        ['candidate', 0],
        ['candidate', 1],
        ['baseline', 1]
      ] as const) {
        const serviceMs = queue.serviceMs * (side === 'candidate' ? launched : 1)
        const stalls = side === 'candidate' ? (options.candidateStalls ?? queue.stalls) : queue.stalls
        const served = serve(schedules[place] ?? [], { ...queue, serviceMs, ratePerS, stalls }, draws)
        blocks.push({ side, launch, quad, ...served })
      }
    }
  }
  return {
    id: 'queue/cpu/server',
    scenario: rates.length === 1 ? 'server' : 'ramp',
    ...(rates.length === 1 ? {} : { slo: { percentile: 'p95', latencyMs: 3 * queue.serviceMs } }),
    blocks
  }
}

/** As many arrivals as the rate has in that time, and spread over all of it: Poisson arrivals given their number. */
function drawArrivals(ratePerS: number, segmentS: number, { exponential }: Draws): number[] {
  let atS = 0
  const drawn = Array.from({ length: Math.round(ratePerS * segmentS) + 1 }, () => {
    atS += exponential()
    return atS
  })
  return drawn.slice(0, -1).map((arrivalS) => (1000 * segmentS * arrivalS) / atS)
}

function serve(
  arrivalsMs: readonly number[],
  queue: Omit<typeof DEFAULTS, 'utilisation'> & { readonly ratePerS: number },
  draws: Draws
): Pick<Block, 'wallNs' | 'latenciesNs' | 'errors' | 'series' | 'load'> {
  const level = queue.serviceMs * Math.exp(queue.segmentSd * draws.normal())
  const latenciesNs: number[] = []
  const queueNs: number[] = []
  const serviceNs: number[] = []
  let freeMs = 0
  let timedOut = 0
  for (const arrivalMs of arrivalsMs) {
    const stall = draws.uniform() < queue.stalls ? 2 * level * draws.exponential() : 0
    const serviceMs = level * Math.exp(queue.requestSd * draws.normal()) + stall
    const startMs = Math.max(freeMs, arrivalMs)
    if (startMs - arrivalMs > queue.timeoutMs) {
      timedOut += 1
      continue
    }
    freeMs = startMs + serviceMs
    latenciesNs.push(1e6 * (freeMs - arrivalMs))
    queueNs.push(1e6 * (startMs - arrivalMs))
    serviceNs.push(1e6 * serviceMs)
  }
  return {
    wallNs: 1e9 * queue.segmentS,
    latenciesNs,
    errors: timedOut,
    series: { queueNs, serviceNs },
    load: {
      offeredPerS: queue.ratePerS,
      arrivals: arrivalsMs.length,
      late: 0,
      timedOut,
      dropped: 0,
      lastNs: 1e6 * Math.max(0, freeMs - (arrivalsMs[0] ?? 0))
    }
  }
}

export interface SimulatedDecoder {
  readonly rounds?: number
  readonly quads?: number
  readonly newTokens?: number
  readonly ttftMs?: number
  readonly itlMs?: number
  /** Candidate = this × baseline. */
  readonly firstSlowdown?: number
  readonly gapSlowdown?: number
  readonly requestSd?: number
  readonly launchSd?: number
  readonly seed?: number
}

/** Two answers to a quad and side; gaps get longer with the text. */
export function simulateDecoder(options: SimulatedDecoder = {}): MeasuredCase {
  const { rounds = 9, quads = 2, newTokens = 32, ttftMs = 40, itlMs = 5, firstSlowdown = 1, gapSlowdown = 1 } = options
  const { requestSd = 0.03, launchSd = 0.005, seed = 1 } = options
  const { normal } = createDraws(seed)
  const blocks: Block[] = []
  for (let launch = 0; launch < rounds; launch += 1) {
    const launched = Math.exp(launchSd * normal())
    for (let quad = 0; quad < quads; quad += 1) {
      for (const side of ['baseline', 'candidate', 'candidate', 'baseline'] as const) {
        const [first, gap] = side === 'candidate' ? [firstSlowdown * launched, gapSlowdown * launched] : [1, 1]
        const ttftNs = 1e6 * ttftMs * first * Math.exp(requestSd * normal())
        const itlNs = Array.from(
          { length: newTokens - 1 },
          (_, token) => 1e6 * itlMs * gap * (1 + token / 200) * Math.exp(requestSd * normal())
        )
        const latencyNs = itlNs.reduce((sum, gapNs) => sum + gapNs, ttftNs)
        const series = { ttftNs: [ttftNs], itlNs }
        blocks.push({ side, launch, quad, wallNs: latencyNs, latenciesNs: [latencyNs], errors: 0, series })
      }
    }
  }
  return { id: 'decoder/cpu/generate', scenario: 'generate', goodput: { ttftMs: 45, itlMs: 6 }, blocks }
}

export interface SimulatedStarts {
  readonly rounds?: number
  readonly quads?: number
  /** Candidate session creation = this × baseline. */
  readonly createSlowdown?: number
  readonly startSd?: number
  readonly launchSd?: number
  readonly seed?: number
}

/** Starts as inference.md measured them: process 100 to 150 ms, require 22 ms, create 130 ms, first inference 5 ms. */
export function simulateStarts(options: SimulatedStarts = {}): MeasuredCase {
  const { rounds = 9, quads = 1, createSlowdown = 1, startSd = 0.08, launchSd = 0.01, seed = 1 } = options
  const { normal } = createDraws(seed)
  const blocks: Block[] = []
  for (let launch = 0; launch < rounds; launch += 1) {
    const launched = Math.exp(launchSd * normal())
    for (let quad = 0; quad < quads; quad += 1) {
      for (const side of ['baseline', 'candidate', 'candidate', 'baseline'] as const) {
        const draw = (ms: number) => 1e6 * ms * (side === 'candidate' ? launched : 1) * Math.exp(startSd * normal())
        const phases = [draw(120), draw(22), draw(130 * (side === 'candidate' ? createSlowdown : 1)), draw(5)] as const
        const [processNs, requireNs, createNs, firstNs] = phases
        const readyNs = phases.reduce((sum, phaseNs) => sum + phaseNs, 0)
        const series = { processNs: [processNs], requireNs: [requireNs], createNs: [createNs], firstNs: [firstNs] }
        blocks.push({ side, launch, quad, wallNs: readyNs, latenciesNs: [readyNs], errors: 0, series })
      }
    }
  }
  return { id: 'model/cpu/cold_start', scenario: 'cold_start', blocks }
}

export interface SimulatedSoak {
  readonly rounds?: number
  readonly quads?: number
  readonly requestsPerBlock?: number
  /** What each request of the candidate leaves behind. */
  readonly leakBytes?: number
  /** How much slower the candidate is at the end of a round than at its start. */
  readonly lateSlowdown?: number
  /** Scatter of a single reading. */
  readonly readingBytes?: number
  readonly seed?: number
}

/** Memory that fills in the first requests, then stays but for what leaks; a garbage collector makes it saw-toothed. */
export function simulateSoak(options: SimulatedSoak = {}): MeasuredCase {
  const { rounds = 9, quads = 40, requestsPerBlock = 60, leakBytes = 0, lateSlowdown = 1, seed = 1 } = options
  const { readingBytes = 300_000 } = options
  const { normal, uniform } = createDraws(seed)
  const blocks: Block[] = []
  for (let launch = 0; launch < rounds; launch += 1) {
    const answered = { baseline: 0, candidate: 0 }
    const phase = { baseline: uniform(), candidate: uniform() }
    for (let quad = 0; quad < quads; quad += 1) {
      for (const side of ['baseline', 'candidate', 'candidate', 'baseline'] as const) {
        const isCandidate = side === 'candidate'
        const levelNs = 1e6 * (isCandidate ? lateSlowdown ** (quad / quads) : 1)
        const latenciesNs = Array.from({ length: requestsPerBlock }, () => levelNs * Math.exp(0.03 * normal()))
        answered[side] += requestsPerBlock
        const filled = 2e8 * (1 - Math.exp(-answered[side] / 300))
        const sawtooth = 4e6 * ((answered[side] / 900 + phase[side]) % 1)
        const leaked = isCandidate ? leakBytes * answered[side] : 0
        const rss = Math.max(0, filled + sawtooth + leaked + readingBytes * normal())
        const series = { rssBytes: [rss], inferences: [answered[side]] }
        const wallNs = latenciesNs.reduce((sum, latencyNs) => sum + latencyNs, 0)
        blocks.push({ side, launch, quad, wallNs, latenciesNs, errors: 0, series })
      }
    }
  }
  return { id: 'model/cpu/soak', scenario: 'soak', blocks }
}
