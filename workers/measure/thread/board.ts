import type { Side } from '#contracts/identifiers.ts'

const NOTHING = -1
const DEADLINE_MS = 0
const TIMEOUT_MS = 1
const WAITING_FOR = 2
const GIVEN_UP: Readonly<Record<Side, number>> = { baseline: 3, candidate: 4 }
const SLOTS = 5

/** What the measuring thread waits for. */
export interface Waiting {
  readonly side: Side
  readonly timeoutMs: number
  /** Until the time is over; may be negative. */
  readonly leftMs: number
}

/**
 * What supervisor and measuring thread tell each other while the thread waits for a side and can take no message: the
 * thread whom it waits for and until when, the supervisor whom it has given up. It is in shared memory, in whole numbers,
 * since writing there is part of every hand-over.
 */
export class Board {
  readonly memory: SharedArrayBuffer
  /** By the system's monotonic clock, which both threads read alike, unlike `performance.now`. */
  readonly epochMs: number
  readonly #slots: Int32Array
  /** What this thread's `performance.now` says at the epoch. */
  readonly #zeroMs: number

  /** @param made by the other thread, which sends what it was made of; else a new one */
  constructor(made: Pick<Board, 'memory' | 'epochMs'> | null = null) {
    this.memory = made?.memory ?? new SharedArrayBuffer(SLOTS * Int32Array.BYTES_PER_ELEMENT)
    this.epochMs = made?.epochMs ?? readClockMs()
    this.#slots = new Int32Array(this.memory)
    this.#zeroMs = performance.now() - (readClockMs() - this.epochMs)
    if (made === null) this.clear()
  }

  /** A moment by this thread's `performance.now`, by the clock that all threads share: `machineNowMs`. */
  toMachineMs(momentMs: number): number {
    return momentMs - this.#zeroMs + this.epochMs
  }

  /** @param nowMs the present, by this thread's `performance.now` */
  startWaiting(side: Side, nowMs: number, timeoutMs: number): void {
    Atomics.store(this.#slots, WAITING_FOR, side === 'baseline' ? 0 : 1)
    Atomics.store(this.#slots, TIMEOUT_MS, timeoutMs)
    Atomics.store(this.#slots, DEADLINE_MS, nowMs - this.#zeroMs + timeoutMs)
  }

  /** Before anything is asked for; the last deadline stands until then. */
  clear(): void {
    Atomics.store(this.#slots, DEADLINE_MS, NOTHING)
  }

  /** Null when the thread has not begun to wait yet. */
  readWaiting(): Waiting | null {
    const deadlineMs = Atomics.load(this.#slots, DEADLINE_MS)
    if (deadlineMs === NOTHING) return null
    return {
      side: Atomics.load(this.#slots, WAITING_FOR) === 0 ? 'baseline' : 'candidate',
      timeoutMs: Atomics.load(this.#slots, TIMEOUT_MS),
      leftMs: deadlineMs - (performance.now() - this.#zeroMs)
    }
  }

  giveUp(side: Side): void {
    Atomics.store(this.#slots, GIVEN_UP[side], 1)
  }

  isGivenUp(side: Side): boolean {
    return Atomics.load(this.#slots, GIVEN_UP[side]) === 1
  }
}

function readClockMs(): number {
  const [seconds, nanoseconds] = process.hrtime()
  return seconds * 1000 + nanoseconds / 1_000_000
}
