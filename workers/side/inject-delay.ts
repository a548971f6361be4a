import { createRandom } from './random-numbers.ts'

/**
 * Busy work after the requests of one case: `tailgate calibrate --inject` slows the candidate down by a known amount to see
 * whether that is found. No repository and no job can ask for it.
 */
export interface InjectedDelay {
  /** Length of the work as a part of the request's own median latency: 0.05. */
  readonly fraction: number
  /** Share of the requests that are slowed down; 1 is all of them. */
  readonly share: number
  /** Which requests those are. */
  readonly seed: number
}

export interface DelayDeps {
  /** Monotonic. */
  readonly nowMs: () => number
  /** Works for a time that is proportional to the iterations. */
  readonly spin: (iterations: number) => void
}

/**
 * The length of the work is settled within these, which is within a warm-up of 200 requests and 1 s; requests later in the
 * warm-up resemble the measured ones most, so the second half counts.
 */
const CALIBRATION_REQUESTS = 150
const CALIBRATION_MS = 700
/** Slow models have their warm-up cut after 10 s. */
const CALIBRATION_CAP_MS = 7000
/** The first guess, a few microseconds. */
const FIRST_ITERATIONS = 5000
/** By then the loop has been compiled. */
const COMPILING_RUNS = 500

/**
 * Wraps a request so that it takes longer, by work and not by the clock: a fixed number of iterations slows down and speeds
 * up with the machine, as a slower model would. While the number is being settled, each request is followed by some work
 * and the two are timed side by side, so that a change of the machine's speed moves both.
 */
export function injectDelay(
  request: () => Promise<unknown>,
  { fraction, share, seed }: InjectedDelay,
  { nowMs, spin }: DelayDeps = { nowMs: () => performance.now(), spin: spinLoop }
): () => Promise<unknown> {
  const random = createRandom(seed)
  const wanted: number[] = []
  let iterations = FIRST_ITERATIONS
  let elapsedMs = 0
  let settled = false
  for (let run = 0; run < COMPILING_RUNS; run += 1) spin(FIRST_ITERATIONS)

  async function calibrate(): Promise<unknown> {
    const startMs = nowMs()
    const answer = await request()
    const answeredMs = nowMs()
    spin(iterations)
    const endMs = nowMs()
    elapsedMs += endMs - startMs
    if (endMs > answeredMs) wanted.push((fraction * (answeredMs - startMs) * iterations) / (endMs - answeredMs))
    iterations = Math.max(1, Math.round(medianOfSecondHalf(wanted) ?? iterations))
    const enough = wanted.length >= CALIBRATION_REQUESTS && elapsedMs >= CALIBRATION_MS
    settled = enough || elapsedMs >= CALIBRATION_CAP_MS
    return answer
  }

  return async () => {
    if (!settled) return calibrate()
    const answer = await request()
    if (random() < share) spin(iterations)
    return answer
  }
}

function medianOfSecondHalf(values: readonly number[]): number | undefined {
  const half = values.slice(Math.floor(values.length / 2)).sort((left, right) => left - right)
  return half[Math.floor(half.length / 2)]
}

let state = 1

/** Xorshift [Marsaglia2003]: each step needs the one before, and the result is kept, so that no compiler leaves it out. */
function spinLoop(iterations: number): void {
  let mixed = state
  for (let done = 0; done < iterations; done += 1) {
    mixed ^= mixed << 13
    mixed ^= mixed >>> 17
    mixed ^= mixed << 5
  }
  state = mixed
}
