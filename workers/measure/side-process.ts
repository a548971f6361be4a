import { type ChildProcess, spawn } from 'node:child_process'
import { constants } from 'node:os'
import { Duplex } from 'node:stream'
import type { Block } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import type { SideCommand } from '#workers/sandbox/side-command.ts'
import { type LoadRequest, SideReply, type SideRequest } from '#workers/side/protocol.ts'
import { MeasuringAbortedError, SideLostError, SideStartError } from './measuring-errors.ts'

/** Longest reply that is read. The longest honest one is a model's list of inputs. */
const MAX_REPLY_LENGTH = 262_144
const STDERR_KEPT_LENGTH = 4096
const STDERR_SHOWN_LENGTH = 1000
const START_TIMEOUT_MS = 60_000
/** A killed process that has not ended after this long is left to the system. */
const STOP_TIMEOUT_MS = 4000
/** Clock readings are rounded to nanoseconds, so that sums may be off by this much per request. */
const ROUNDING_NS_PER_REQUEST = 2
/** What the process wrote last may still be in the pipe when it has ended. */
const LAST_WORDS_MS = 200

export interface RequestLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** One block as the supervisor saw it. */
export type MeasuredRequests = Pick<Block, 'wallNs' | 'latenciesNs' | 'errors'>

type Reply<Kind extends SideReply['kind']> = Extract<SideReply, { kind: Kind }>

interface Pending {
  readonly resolve: (reply: SideReply) => void
  readonly reject: (error: Error) => void
}

/**
 * One child process that holds the models of one side.
 *
 * Requests go one at a time. They throw {@link SideLostError} when the process ends, hangs or sends anything but one
 * well-formed reply, and {@link MeasuringAbortedError} when told to stop. After either only `stop` is of use.
 */
export class SideProcess {
  readonly #child: ChildProcess
  readonly #socket: Duplex
  readonly #ended: Promise<void>
  #received = ''
  #stderr = ''
  #pending: Pending | null = null
  #lost: SideLostError | null = null

  constructor(child: ChildProcess) {
    const socket = child.stdio[3]
    if (!(socket instanceof Duplex)) throw new SideStartError('The side process has no socket.')
    this.#child = child
    this.#socket = socket
    socket.setEncoding('utf8')
    socket.on('data', (chunk: string) => this.#receive(chunk))
    // A broken socket is followed by the end of the process, or by a request that times out.
    socket.on('error', () => {})
    child.stderr?.setEncoding('utf8')
    child.stderr?.on('data', (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-STDERR_KEPT_LENGTH)
    })
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#lose('process_crashed', `could not be started: ${error.message}`, WORKER_HINT)
        resolve()
      })
      child.once('exit', (code, signal) => {
        killGroup(child)
        const report = () => this.#loseByExit(code, signal)
        const timer = setTimeout(report, LAST_WORDS_MS)
        child.once('close', () => {
          clearTimeout(timer)
          report()
        })
        resolve()
      })
    })
  }

  /** Creates the session and the input tensors of one case. */
  load(request: LoadRequest, limits: RequestLimits): Promise<Reply<'loaded' | 'failed'>> {
    return this.#ask(request, ['loaded', 'failed'], limits)
  }

  /** The first inference of a case. */
  tryOnce(caseIndex: number, limits: RequestLimits): Promise<Reply<'tried' | 'failed'>> {
    return this.#ask({ kind: 'try', caseIndex }, ['tried', 'failed'], limits)
  }

  /** `requests` inferences back to back. */
  async run(caseIndex: number, requests: number, limits: RequestLimits): Promise<MeasuredRequests> {
    const startMs = performance.now()
    const reply = await this.#ask({ kind: 'run', caseIndex, requests }, ['ran'], limits)
    const wallNs = Math.max(1, Math.round((performance.now() - startMs) * NS_PER_MS))
    const { latenciesNs, errors } = reply
    if (latenciesNs.length + errors !== requests) throw this.#refuseReply('a wrong number of latencies')
    const totalNs = latenciesNs.reduce((sum, latencyNs) => sum + latencyNs, 0)
    if (totalNs > wallNs + requests * ROUNDING_NS_PER_REQUEST) {
      throw this.#refuseReply('latencies longer than the time that went by')
    }
    return { wallNs, latenciesNs, errors }
  }

  /** Waits until the process can take requests. */
  async ready(limits: RequestLimits): Promise<void> {
    await this.#exchange(null, limits)
  }

  /** Kills the process and everything it started, and waits until it is gone. Never throws; may be called twice. */
  async stop(): Promise<void> {
    killGroup(this.#child)
    let timer: NodeJS.Timeout | undefined
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, STOP_TIMEOUT_MS)
    })
    await Promise.race([this.#ended, patience])
    clearTimeout(timer)
    this.#socket.destroy()
    this.#child.stderr?.destroy()
    this.#lose('process_crashed', 'was stopped', '')
  }

  async #ask<Kind extends SideReply['kind']>(
    request: SideRequest,
    kinds: readonly Kind[],
    limits: RequestLimits
  ): Promise<Reply<Kind>> {
    const reply = await this.#exchange(request, limits)
    if (!isOneOf(reply, kinds)) throw this.#refuseReply(`the reply "${reply.kind}" to "${request.kind}"`)
    return reply
  }

  #exchange(request: SideRequest | null, { timeoutMs, signal }: RequestLimits): Promise<SideReply> {
    if (signal.aborted) return Promise.reject(new MeasuringAbortedError('Measuring was stopped.'))
    if (this.#lost !== null) return Promise.reject(this.#lost)
    if (this.#pending !== null) return Promise.reject(new Error('One request at a time.'))
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const seconds = Math.round(timeoutMs / 100) / 10
        this.#lose('timed_out', `did not answer within ${seconds} s`, TIMEOUT_HINT)
      }, timeoutMs)
      const abort = () => this.#pending?.reject(new MeasuringAbortedError('Measuring was stopped.'))
      const settle = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', abort)
        this.#pending = null
      }
      signal.addEventListener('abort', abort)
      this.#pending = {
        resolve: (reply) => {
          settle()
          resolve(reply)
        },
        reject: (error) => {
          settle()
          reject(error)
        }
      }
      if (request !== null) this.#socket.write(`${JSON.stringify(request)}\n`)
    })
  }

  #receive(chunk: string): void {
    if (this.#lost !== null) return
    this.#received += chunk
    const end = this.#received.indexOf('\n')
    if (end < 0 && this.#received.length <= MAX_REPLY_LENGTH) return
    const line = this.#received.slice(0, end)
    const rest = this.#received.slice(end + 1)
    this.#received = ''
    const pending = this.#pending
    if (end < 0 || line.length > MAX_REPLY_LENGTH) {
      this.#refuseReply('a reply without an end')
    } else if (pending === null || rest !== '') {
      this.#refuseReply('something that was not asked for')
    } else {
      const reply = parseReply(line)
      if (reply === null) this.#refuseReply('something that is not a reply')
      else pending.resolve(reply)
    }
  }

  #refuseReply(what: string): SideLostError {
    return this.#lose('process_crashed', `sent ${what}, and was stopped`, HOSTILE_HINT)
  }

  #loseByExit(code: number | null, signal: NodeJS.Signals | null): void {
    const lastWords = this.#lastWords()
    const signalName = signal ?? signalOfExitCode(code)
    const how = signalName === null ? `ended with exit code ${code}` : `was ended by ${signalName}`
    const message = lastWords === '' ? how : `${how}; it said last: ${lastWords}`
    if (/heap out of memory|bad_alloc|failed to allocate memory/i.test(lastWords)) {
      this.#lose('out_of_memory', message, MEMORY_HINT)
    } else {
      this.#lose('process_crashed', message, signalName === 'SIGKILL' ? MEMORY_HINT : CRASH_HINT)
    }
  }

  #lastWords(): string {
    const plain = this.#stderr.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
    return plain.length <= STDERR_SHOWN_LENGTH ? plain : `…${plain.slice(1 - STDERR_SHOWN_LENGTH)}`
  }

  /** The first reason stands; later ones only follow from it. */
  #lose(code: SideLostError['code'], message: string, hint: string): SideLostError {
    if (this.#lost === null) {
      this.#lost = new SideLostError(code, message, hint)
      this.#received = ''
      killGroup(this.#child)
      this.#pending?.reject(this.#lost)
    }
    return this.#lost
  }
}

const CRASH_HINT = 'Run the model with the same ONNX Runtime version and session options to see the crash by itself.'
const MEMORY_HINT =
  'The most likely cause is memory: use a smaller model, batch size or input shape, or a worker with more.'
const TIMEOUT_HINT = 'Check that the model ends for the configured inputs, or allow a longer time per request.'
const HOSTILE_HINT = 'Models should not be able to do this. Treat the model file of this side as hostile.'
const WORKER_HINT = 'Check the installation of the worker.'

/**
 * Starts a side process in a process group of its own and waits until it can take requests.
 *
 * @throws {SideStartError} when it does not get that far; {@link MeasuringAbortedError} when told to stop
 */
export async function startSideProcess(command: SideCommand, signal: AbortSignal): Promise<SideProcess> {
  if (signal.aborted) throw new MeasuringAbortedError('Measuring was stopped.')
  const child = spawn(command.program, [...command.args], {
    env: { ...command.env },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe']
  })
  const side = new SideProcess(child)
  try {
    await side.ready({ timeoutMs: START_TIMEOUT_MS, signal })
    return side
  } catch (error) {
    await side.stop()
    if (!(error instanceof SideLostError)) throw error
    throw new SideStartError(`The process that runs the model ${error.message} (program: ${command.program}).`, {
      cause: error
    })
  }
}

/** The group, so that nothing which the process started outlives it; the process may have ended already. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

/** A sandbox passes on a signal that ended its child as the exit code 128 + signal, like a shell. */
function signalOfExitCode(code: number | null): string | null {
  if (code === null) return null
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] ?? null
}

function parseReply(line: string): SideReply | null {
  try {
    return SideReply.parse(JSON.parse(line))
  } catch {
    return null
  }
}

function isOneOf<Kind extends SideReply['kind']>(reply: SideReply, kinds: readonly Kind[]): reply is Reply<Kind> {
  return kinds.some((kind) => kind === reply.kind)
}
