import type { ChildProcess } from 'node:child_process'
import type { Side } from '#contracts/identifiers.ts'
import { writeJsonFrame } from '#workers/side/frames.ts'
import type { LoadRequest } from '#workers/side/protocol.ts'
import { lossByExit, lossByReply, lossByStart, lossByTime } from './describe-loss.ts'
import { killGroup } from './kill-group.ts'
import type { MeasuredRequests } from './measured-requests.ts'
import { SideLostError } from './measuring-errors.ts'
import type { MeasuringThread } from './measuring-thread.ts'
import type { Channel } from './open-channel.ts'
import { type AskedRequest, isReplyTo, type Question, REPLIES, type ReplyTo, readReply } from './read-reply.ts'
import type { RawReply, ThreadAnswer, ThreadCommand } from './thread/messages.ts'

const STDERR_KEPT_LENGTH = 4096
/** A killed process that has not ended after this long is left to the system. */
const STOP_TIMEOUT_MS = 4000
/** What the process wrote last may still be in the pipe when it has ended. */
const LAST_WORDS_MS = 200

export interface RequestLimits {
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

/** What a round needs of a {@link SideProcess}. */
export type MeasuringSide = Pick<SideProcess, 'load' | 'tryOnce'> & Partial<Pick<SideProcess, 'pid'>>

export interface SideProcessParts {
  readonly side: Side
  readonly child: ChildProcess
  readonly channel: Channel
  readonly thread: MeasuringThread
}

/**
 * One child process that holds the models of one side. The measuring thread talks to it; this end starts it, listens to how
 * it ends, reads what it answers and kills it.
 *
 * Requests go one at a time. They throw {@link SideLostError} when the process ends, hangs or sends anything but one
 * well-formed reply, and {@link MeasuringAbortedError} when told to stop. After either only `stop` is of use.
 */
export class SideProcess {
  readonly #side: Side
  readonly #child: ChildProcess
  readonly #channel: Channel
  readonly #thread: MeasuringThread
  readonly #ended: Promise<void>
  #stderr = ''
  #loss: SideLostError | null = null

  constructor({ side, child, channel, thread }: SideProcessParts) {
    this.#side = side
    this.#child = child
    this.#channel = channel
    this.#thread = thread
    child.stderr?.setEncoding('utf8')
    child.stderr?.on('data', (chunk: string) => {
      this.#stderr = (this.#stderr + chunk).slice(-STDERR_KEPT_LENGTH)
    })
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#lose(lossByStart(error))
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

  /** Of the process that was started: with a sandbox the side is below it. */
  get pid(): number | undefined {
    return this.#child.pid
  }

  /** Waits until the process can take requests. */
  async ready({ timeoutMs, signal }: RequestLimits): Promise<void> {
    const limits = { timeoutMs, maxReplyBytes: REPLIES.start.maxBytes }
    const channel = this.#channel.supervisorEnd
    await this.#exchange('start', { kind: 'start', side: this.#side, channel, limits }, signal)
  }

  /** Creates the session and the input tensors of one case. */
  load(request: LoadRequest, limits: RequestLimits): Promise<ReplyTo<'load'>> {
    return this.ask('load', request, limits)
  }

  /** The first inference of a case. */
  tryOnce(caseIndex: number, limits: RequestLimits): Promise<ReplyTo<'try'>> {
    return this.ask('try', { kind: 'try', caseIndex }, limits)
  }

  /** Any request but a block, and its reply. */
  ask<Kind extends AskedRequest['kind']>(
    question: Kind,
    request: AskedRequest & { readonly kind: Kind },
    { timeoutMs, signal }: RequestLimits
  ): Promise<ReplyTo<Kind>> {
    const limits = { timeoutMs, maxReplyBytes: REPLIES[question].maxBytes }
    const frame = writeJsonFrame(request)
    return this.#exchange(question, { kind: 'exchange', side: this.#side, frame, limits }, signal)
  }

  /** One block, as the measuring thread runs it when it measures a case. */
  async run(caseIndex: number, requests: number, { timeoutMs, signal }: RequestLimits): Promise<MeasuredRequests> {
    const block = { caseIndex, requests, timeoutMs, shape: { kind: 'plain' } } as const
    const answer = await this.#thread.ask({ kind: 'run', side: this.#side, block }, signal)
    if (answer.kind !== 'ran') throw this.loseByAnswer(answer)
    return answer.measured
  }

  /** Kills the process and everything it started, and waits for nothing. Never throws. */
  abandon(): void {
    this.#lose(new SideLostError('process_crashed', 'was stopped', ''))
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
    this.#child.stderr?.destroy()
    this.#lose(new SideLostError('process_crashed', 'was stopped', ''))
  }

  loseByTime(timeoutMs: number): void {
    this.#lose(lossByTime(timeoutMs))
  }

  /** For an answer that is not the one that was waited for. */
  loseByAnswer(answer: ThreadAnswer): Error {
    switch (answer.kind) {
      case 'refused':
        return this.#refuse(answer.what)
      case 'no_block':
        return this.#refuseReply(answer.reply, 'run')
      default:
        return new Error(`The measuring thread answered with "${answer.kind}".`)
    }
  }

  async #exchange<Kind extends Question>(
    question: Kind,
    command: ThreadCommand,
    signal: AbortSignal
  ): Promise<ReplyTo<Kind>> {
    const answer = await this.#thread.ask(command, signal)
    if (answer.kind !== 'reply') throw this.loseByAnswer(answer)
    const reply = readReply(answer.reply)
    if (reply === null || !isReplyTo(question, reply)) throw this.#refuseReply(answer.reply, question)
    return reply
  }

  #refuseReply(raw: RawReply, question: Question | 'run'): SideLostError {
    const reply = readReply(raw)
    return this.#refuse(reply === null ? 'something that is not a reply' : `the reply "${reply.kind}" to "${question}"`)
  }

  #refuse(what: string): SideLostError {
    return this.#lose(lossByReply(what))
  }

  #loseByExit(code: number | null, signal: NodeJS.Signals | null): void {
    this.#lose(lossByExit(code, signal, this.#stderr))
  }

  /** The first reason stands; later ones only follow from it. */
  #lose(loss: SideLostError): SideLostError {
    if (this.#loss === null) {
      this.#loss = loss
      killGroup(this.#child)
      this.#thread.giveUp(this.#side, this.#loss)
    }
    return this.#loss
  }
}
