import { type StdioOptions, spawn } from 'node:child_process'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { Cores } from '#workers/device/choose-cores.ts'
import type { SideCommand } from '#workers/sandbox/side-command.ts'
import type { CaseToMeasure, MeasuredCase } from './measure-case.ts'
import { MeasuringAbortedError, SideFailedError, SideLostError, SideStartError } from './measuring-errors.ts'
import { MeasuringThread } from './measuring-thread.ts'
import { openChannel } from './open-channel.ts'
import { type MeasuringSide, SideProcess } from './side-process.ts'

const START_TIMEOUT_MS = 60_000
const SEEDS = 2 ** 32

export interface LaunchOptions {
  /** Those of the sides, for the thread that measures them. */
  readonly cores: Cores
  /** How to start a side, on these cores. */
  readonly commandOf: (side: Side) => SideCommand
  /** Existing folder that can be written and that no side sees. */
  readonly directory: string
}

export interface CaseLimits {
  /** For the order of the blocks; called once. */
  readonly random: () => number
  readonly signal: AbortSignal
}

/** What a round needs of a {@link Launch}. */
export interface MeasuringLaunch {
  readonly startSide: (side: Side, signal: AbortSignal) => Promise<MeasuringSide>
  readonly measureCase: (toMeasure: CaseToMeasure, limits: CaseLimits) => Promise<MeasuredCase>
  readonly stop: () => Promise<void>
}

/** Both side processes of one launch and the thread that measures them. */
export class Launch implements MeasuringLaunch {
  readonly #options: LaunchOptions
  readonly #thread: MeasuringThread
  readonly #sides = new Map<Side, SideProcess>()
  /** The end of this process waits for the thread, which may be waiting for a side that never answers. */
  readonly #abandon = () => {
    for (const side of this.#sides.values()) side.abandon()
  }

  constructor(options: LaunchOptions) {
    this.#options = options
    this.#thread = new MeasuringThread(options.cores, (side, timeoutMs) => this.#sides.get(side)?.loseByTime(timeoutMs))
    process.once('exit', this.#abandon)
  }

  /**
   * Starts a side, once, in a process group of its own and waits until it can take requests.
   *
   * @throws {SideStartError} when it does not get that far; {@link MeasuringAbortedError} when told to stop
   */
  async startSide(side: Side, signal: AbortSignal): Promise<SideProcess> {
    if (signal.aborted) throw new MeasuringAbortedError('Measuring was stopped.')
    const { program, args, env } = this.#options.commandOf(side)
    const channel = await openChannel(this.#options.directory)
    this.#thread.addSide(side, channel)
    const { readFd, writeFd } = channel.sideEnd
    const stdio: StdioOptions = ['ignore', 'ignore', 'pipe', readFd, writeFd]
    const child = spawn(program, [...args], { env: { ...env }, detached: true, stdio })
    channel.closeSideEnd()
    const started = new SideProcess({ side, child, channel, thread: this.#thread })
    this.#sides.set(side, started)
    try {
      await started.ready({ timeoutMs: START_TIMEOUT_MS, signal })
      return started
    } catch (error) {
      await started.stop()
      if (!(error instanceof SideLostError)) throw error
      throw new SideStartError(`The process that runs the model ${error.message} (program: ${program}).`, {
        cause: error
      })
    }
  }

  /**
   * Measures one case in the thread. Both sides have loaded it.
   *
   * @throws {SideFailedError} when a side is lost; {@link MeasuringAbortedError} when told to stop
   */
  async measureCase(toMeasure: CaseToMeasure, { random, signal }: CaseLimits): Promise<MeasuredCase> {
    const seed = Math.floor(random() * SEEDS)
    const answer = await this.#thread.ask({ kind: 'measure', toMeasure, seed }, signal)
    if (answer.kind === 'measured') return answer.measured
    const side = SIDES.find((name) => 'side' in answer && answer.side === name)
    const error = side === undefined ? undefined : this.#sides.get(side)?.loseByAnswer(answer)
    if (side !== undefined && error instanceof SideLostError) throw new SideFailedError(side, error)
    throw error ?? new Error(`The measuring thread answered with "${answer.kind}".`)
  }

  /** Kills both processes, ends the thread and waits until all are gone. Never throws; may be called twice. */
  async stop(): Promise<void> {
    await Promise.all([...this.#sides.values()].map((side) => side.stop()))
    await this.#thread.stop()
    process.off('exit', this.#abandon)
  }
}

/** Starts a launch without its sides. Whoever calls it must stop it. */
export function startLaunch(options: LaunchOptions): Launch {
  return new Launch(options)
}
