import { NS_PER_MS, NS_PER_S } from '#contracts/units.ts'

/** Time in nanoseconds from an origin that all threads share. */
export interface LoadClock {
  nowNs(): number
  /** Returns as soon as that time has come, or at once when it has passed. Blocks the thread. */
  waitUntilNs(dueNs: number): void
}

/**
 * How long before a request is due a thread stops sleeping and watches the clock. `Atomics.wait` came back 0.07 to 0.17 ms
 * after its time in nine of ten cases. Watching longer does not help: on a busy machine it made requests later, since the
 * system takes the processor away from who uses it much. docs/scenarios.md "Late requests" has the figures.
 */
export const SPIN_NS = 200_000

const CLOCK_PAIRS = 5

/** Now by the clock that the threads and processes of a machine share. Exact to 2 ns for 200 days after a boot. */
export function machineNowNs(): number {
  const [seconds, ns] = process.hrtime()
  return seconds * NS_PER_S + ns
}

/** The same in milliseconds. */
export function machineNowMs(): number {
  return machineNowNs() / NS_PER_MS
}

/** @param originNs by {@link machineNowNs}, in any thread */
export function createLoadClock(originNs: number): LoadClock {
  const originMs = performanceTimeOf(originNs)
  const pause = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  return {
    nowNs: () => (performance.now() - originMs) * NS_PER_MS,
    waitUntilNs(dueNs) {
      const dueMs = originMs + dueNs / NS_PER_MS
      const sleepMs = dueMs - SPIN_NS / NS_PER_MS - performance.now()
      if (sleepMs > 0) Atomics.wait(pause, 0, 0, sleepMs)
      while (performance.now() < dueMs);
    }
  }
}

/**
 * The same moment by `performance.now`, which starts anew in each thread and allocates nothing. Both clocks are read close
 * together a few times, and the closest pair counts: exact to about 0.1 µs.
 */
function performanceTimeOf(machineNs: number): number {
  let closestMs = Number.POSITIVE_INFINITY
  let differenceMs = 0
  for (let pair = 0; pair < CLOCK_PAIRS; pair += 1) {
    const beforeMs = performance.now()
    const nowNs = machineNowNs()
    const afterMs = performance.now()
    if (afterMs - beforeMs < closestMs) {
      closestMs = afterMs - beforeMs
      differenceMs = (beforeMs + afterMs) / 2 - nowNs / NS_PER_MS
    }
  }
  return machineNs / NS_PER_MS + differenceMs
}
