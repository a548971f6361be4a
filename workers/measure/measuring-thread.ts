import { setTimeout as sleep } from 'node:timers/promises'
import { Worker } from 'node:worker_threads'
import type { Side } from '#contracts/identifiers.ts'
import type { Cores } from '#workers/device/choose-cores.ts'
import { MeasuringAbortedError, SideFailedError, type SideLostError, SideStartError } from './measuring-errors.ts'
import type { Channel } from './open-channel.ts'
import { Board } from './thread/board.ts'
import type { ThreadAnswer, ThreadCommand, ThreadStart } from './thread/messages.ts'

/**
 * How often is looked at least whether the time for what the thread waits for is over. Nearly all the limits are as long as
 * those before them, and are met to the millisecond; one that is shorter is found this late.
 */
const LOOK_MS = 1000
/** A thread that has not ended after this long waits for a process that cannot be killed; both are left to the system. */
const STOP_TIMEOUT_MS = 4000

interface Pending {
  readonly command: ThreadCommand
  readonly resolve: (answer: ThreadAnswer) => void
  readonly reject: (error: Error) => void
}

/** Loses a side that did not answer in time. */
export type OnOverdue = (side: Side, timeoutMs: number) => void

/**
 * The supervisor's end of the measuring thread (thread/main.ts). While the thread waits for a side it can be told nothing,
 * so this end keeps the time, and wakes it for a side that is given up.
 */
export class MeasuringThread {
  readonly #board = new Board()
  readonly #worker: Worker
  readonly #onOverdue: OnOverdue
  readonly #channels = new Map<Side, Channel>()
  readonly #losses = new Map<Side, SideLostError>()
  /** In the order of their answers. One that was given up stays until it is answered. */
  readonly #unanswered: Pending[] = []
  #pending: Pending | null = null
  #timer: NodeJS.Timeout | undefined
  #failure: SideStartError | null = null

  /** @param cores that the thread moves to; null where it stays */
  constructor(cores: Cores, onOverdue: OnOverdue) {
    this.#onOverdue = onOverdue
    const { memory, epochMs } = this.#board
    const start: ThreadStart = { cores, board: { memory, epochMs } }
    this.#worker = new Worker(new URL('./thread/main.ts', import.meta.url), { workerData: start })
    this.#worker.on('message', (answer: ThreadAnswer) => this.#unanswered.shift()?.resolve(answer))
    this.#worker.on('error', (error) => this.#fail(error))
    this.#worker.on('exit', () => this.#fail(new Error('it ended')))
  }

  /** Makes a side known, whose process has the other end of the channel. The channel is closed with the thread. */
  addSide(side: Side, channel: Channel): void {
    this.#channels.set(side, channel)
  }

  /**
   * Asks for one thing at a time.
   *
   * @throws {SideLostError} when a side that it needs has been given up; for `measure`, {@link SideFailedError}
   * @throws {MeasuringAbortedError} after which only {@link stop} is of use
   * @throws {SideStartError} when the thread itself has failed
   */
  async ask(command: ThreadCommand, signal: AbortSignal): Promise<ThreadAnswer> {
    if (signal.aborted) throw new MeasuringAbortedError('Measuring was stopped.')
    if (this.#failure !== null) throw this.#failure
    for (const [side, loss] of this.#losses) if (needs(command, side)) throw describeLoss(command, side, loss)
    if (this.#pending !== null) throw new Error('One request at a time.')
    const abort = () => this.#pending?.reject(new MeasuringAbortedError('Measuring was stopped.'))
    signal.addEventListener('abort', abort)
    try {
      return await new Promise((resolve, reject) => {
        this.#pending = { command, resolve, reject }
        this.#unanswered.push(this.#pending)
        this.#board.clear()
        this.#lookIn(timeoutOf(command))
        this.#worker.postMessage(command)
      })
    } finally {
      signal.removeEventListener('abort', abort)
      clearTimeout(this.#timer)
      this.#pending = null
    }
  }

  /** Nothing more is expected of a side, whose process must have been killed: who waits for it gets its loss. */
  giveUp(side: Side, loss: SideLostError): void {
    if (this.#losses.has(side)) return
    this.#losses.set(side, loss)
    this.#board.giveUp(side)
    this.#channels.get(side)?.wakeReader()
    const pending = this.#pending
    if (pending !== null && needs(pending.command, side)) pending.reject(describeLoss(pending.command, side, loss))
  }

  /** Ends the thread and closes the channels. Both sides must have been given up, or never started. Never throws. */
  async stop(): Promise<void> {
    const patience = new AbortController()
    const ended = this.#worker.terminate().then(() => true)
    const gaveUp = sleep(STOP_TIMEOUT_MS, false, { signal: patience.signal }).catch(() => false)
    const isEnded = await Promise.race([ended, gaveUp])
    patience.abort()
    if (isEnded) for (const channel of this.#channels.values()) channel.close()
    else this.#worker.unref()
  }

  #fail(error: Error): void {
    this.#failure ??= new SideStartError(`The thread that measures failed: ${error.message}`, { cause: error })
    this.#pending?.reject(this.#failure)
  }

  #lookIn(delayMs: number): void {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.#look(), Math.min(delayMs, LOOK_MS))
  }

  #look(): void {
    const waiting = this.#board.readWaiting()
    if (waiting !== null && waiting.leftMs <= 0) this.#onOverdue(waiting.side, waiting.timeoutMs)
    else this.#lookIn(waiting?.leftMs ?? LOOK_MS)
  }
}

function needs(command: ThreadCommand, side: Side): boolean {
  return command.kind === 'measure' || command.side === side
}

function describeLoss(command: ThreadCommand, side: Side, loss: SideLostError): Error {
  return command.kind === 'measure' ? new SideFailedError(side, loss) : loss
}

/** As far as the supervisor knows it; the thread knows it for each block. */
function timeoutOf(command: ThreadCommand): number {
  switch (command.kind) {
    case 'measure':
      return command.toMeasure.measuring.requestTimeoutMs
    case 'run':
      return command.block.timeoutMs
    default:
      return command.limits.timeoutMs
  }
}
