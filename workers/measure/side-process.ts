import { type ChildProcess, spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import type { Block } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import type { SideCommand } from '#workers/sandbox/side-command.ts'
import { writeBlockRequest, writeJsonFrame } from '#workers/side/frames.ts'
import type { LoadRequest, SideRequest } from '#workers/side/protocol.ts'
import { quoteLastWords, signalOfExitCode } from './describe-exit.ts'
import { FrameReader } from './frame-reader.ts'
import { MeasuringAbortedError, SideLostError, SideStartError } from './measuring-errors.ts'
import { type AnyReply, readReply } from './read-reply.ts'
import { RequestDeadline } from './request-deadline.ts'

/** Longest reply that is read. The longest honest one is a model's list of inputs. */
const MAX_REPLY_BYTES = 262_144
const STDERR_KEPT_LENGTH = 4096
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

/** What a round needs of a {@link SideProcess}. */
export type MeasuringSide = Pick<SideProcess, 'load' | 'tryOnce' | 'run' | 'stop'>

type Reply<Kind extends AnyReply['kind']> = Extract<AnyReply, { kind: Kind }>

interface Pending {
  /** Null while the process starts: it says unasked that it is ready. */
  readonly request: SideRequest | null
  readonly timeoutMs: number
  readonly take: (reply: AnyReply, arrivedMs: number) => void
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
  readonly #frames = new FrameReader(MAX_REPLY_BYTES)
  readonly #deadline = new RequestDeadline(() => this.#loseByTime())
  readonly #abort = () => this.#pending?.reject(new MeasuringAbortedError('Measuring was stopped.'))
  #signal: AbortSignal | null = null
  #stderr = ''
  #pending: Pending | null = null
  #lost: SideLostError | null = null

  constructor(child: ChildProcess) {
    const socket = child.stdio[3]
    if (!(socket instanceof Duplex)) throw new SideStartError('The side process has no socket.')
    this.#child = child
    this.#socket = socket
    socket.on('data', (chunk: Buffer) => this.#receive(chunk))
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

  /** `requests` inferences back to back. Their time by our clock runs from just before asking until all had arrived. */
  run(caseIndex: number, requests: number, limits: RequestLimits): Promise<MeasuredRequests> {
    return this.#exchange({ kind: 'run', caseIndex, requests }, limits, (reply, wallMs) => {
      if (reply.kind !== 'ran') return this.#refuseReply(`the reply "${reply.kind}" to "run"`)
      const { latenciesNs, errors } = reply
      const wallNs = Math.max(1, Math.round(wallMs * NS_PER_MS))
      let totalNs = -requests * ROUNDING_NS_PER_REQUEST
      for (const latencyNs of latenciesNs) totalNs += latencyNs
      if (totalNs > wallNs) return this.#refuseReply('latencies longer than the time that went by')
      return { wallNs, latenciesNs, errors }
    })
  }

  /** Waits until the process can take requests. */
  async ready(limits: RequestLimits): Promise<void> {
    await this.#ask(null, ['ready'], limits)
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
    this.#deadline.close()
    this.#watch(null)
    this.#socket.destroy()
    this.#child.stderr?.destroy()
    this.#lose('process_crashed', 'was stopped', '')
  }

  #ask<Kind extends AnyReply['kind']>(
    request: SideRequest | null,
    kinds: readonly Kind[],
    limits: RequestLimits
  ): Promise<Reply<Kind>> {
    return this.#exchange(request, limits, (reply) => {
      if (isOneOf(reply, kinds)) return reply
      return this.#refuseReply(`the reply "${reply.kind}" to "${request?.kind ?? 'start'}"`)
    })
  }

  /** @param accept looks at a well-formed reply as soon as it is there, and returns null when it refused it */
  #exchange<Answer>(
    request: SideRequest | null,
    { timeoutMs, signal }: RequestLimits,
    accept: (reply: AnyReply, wallMs: number) => Answer | null
  ): Promise<Answer> {
    if (signal.aborted) return Promise.reject(new MeasuringAbortedError('Measuring was stopped.'))
    if (this.#lost !== null) return Promise.reject(this.#lost)
    if (this.#pending !== null) return Promise.reject(new Error('One request at a time.'))
    this.#watch(signal)
    const frame = request === null ? null : writeRequest(request)
    return new Promise((resolve, reject) => {
      const sentMs = performance.now()
      if (frame !== null) this.#socket.write(frame)
      this.#deadline.set(sentMs, timeoutMs)
      const settle = () => {
        this.#deadline.lift()
        this.#pending = null
      }
      this.#pending = {
        request,
        timeoutMs,
        take: (reply, arrivedMs) => {
          const answer = accept(reply, arrivedMs - sentMs)
          if (answer === null) return
          settle()
          resolve(answer)
        },
        reject: (error) => {
          settle()
          reject(error)
        }
      }
    })
  }

  /** Listens to one signal at a time. It is the same for hundreds of requests, and adding a listener is not cheap. */
  #watch(signal: AbortSignal | null): void {
    if (signal === this.#signal) return
    this.#signal?.removeEventListener('abort', this.#abort)
    signal?.addEventListener('abort', this.#abort)
    this.#signal = signal
  }

  #receive(chunk: Buffer): void {
    const arrivedMs = performance.now()
    if (this.#lost !== null) return
    const pending = this.#pending
    const read = this.#frames.push(chunk)
    if (read.kind === 'too_long') {
      this.#refuseReply('a reply that is too long')
    } else if (pending === null || read.kind === 'surplus') {
      this.#refuseReply('something that was not asked for')
    } else if (read.kind === 'frame') {
      const reply = readReply(read.frame, pending.request)
      if (reply === null) this.#refuseReply('something that is not a reply')
      else pending.take(reply, arrivedMs)
    }
  }

  #refuseReply(what: string): null {
    this.#lose('process_crashed', `sent ${what}, and was stopped`, HOSTILE_HINT)
    return null
  }

  #loseByTime(): void {
    const seconds = Math.round((this.#pending?.timeoutMs ?? 0) / 100) / 10
    this.#lose('timed_out', `did not answer within ${seconds} s`, TIMEOUT_HINT)
  }

  #loseByExit(code: number | null, signal: NodeJS.Signals | null): void {
    const lastWords = quoteLastWords(this.#stderr)
    const signalName = signal ?? signalOfExitCode(code)
    const how = signalName === null ? `ended with exit code ${code}` : `was ended by ${signalName}`
    const message = lastWords === '' ? how : `${how}; it said last: ${lastWords}`
    if (/heap out of memory|bad_alloc|failed to allocate memory/i.test(lastWords)) {
      this.#lose('out_of_memory', message, MEMORY_HINT)
    } else {
      this.#lose('process_crashed', message, signalName === 'SIGKILL' ? MEMORY_HINT : CRASH_HINT)
    }
  }

  /** The first reason stands; later ones only follow from it. */
  #lose(code: SideLostError['code'], message: string, hint: string): void {
    if (this.#lost === null) {
      this.#lost = new SideLostError(code, message, hint)
      killGroup(this.#child)
      this.#pending?.reject(this.#lost)
    }
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

function writeRequest(request: SideRequest): Buffer {
  return request.kind === 'run' ? writeBlockRequest(request) : writeJsonFrame(request)
}

function isOneOf<Kind extends AnyReply['kind']>(reply: AnyReply, kinds: readonly Kind[]): reply is Reply<Kind> {
  return kinds.some((kind) => kind === reply.kind)
}
