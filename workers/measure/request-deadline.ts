const NEVER = Number.POSITIVE_INFINITY

/**
 * A time limit that is set anew for every request. There are hundreds of requests a second and limits of a minute, so a
 * timer that already runs is left to run, and looks when it fires whether the limit has moved.
 */
export class RequestDeadline {
  readonly #onPassed: () => void
  #timer: NodeJS.Timeout | undefined
  #firesAtMs = NEVER
  #deadlineMs = NEVER

  /** @param onPassed called once per limit that passed */
  constructor(onPassed: () => void) {
    this.#onPassed = onPassed
  }

  /** @param nowMs the present, by `performance.now` */
  set(nowMs: number, timeoutMs: number): void {
    this.#deadlineMs = nowMs + timeoutMs
    if (this.#deadlineMs < this.#firesAtMs) this.#arm(nowMs, timeoutMs)
  }

  /** The request was answered. */
  lift(): void {
    this.#deadlineMs = NEVER
  }

  /** No request will follow. */
  close(): void {
    clearTimeout(this.#timer)
    this.#firesAtMs = NEVER
    this.#deadlineMs = NEVER
  }

  #arm(nowMs: number, delayMs: number): void {
    clearTimeout(this.#timer)
    this.#firesAtMs = nowMs + delayMs
    this.#timer = setTimeout(() => this.#fire(), delayMs)
  }

  #fire(): void {
    this.#firesAtMs = NEVER
    if (this.#deadlineMs === NEVER) return
    const nowMs = performance.now()
    const leftMs = this.#deadlineMs - nowMs
    // A timer may fire a fraction of a millisecond early.
    if (leftMs >= 1) {
      this.#arm(nowMs, leftMs)
    } else {
      this.lift()
      this.#onPassed()
    }
  }
}
