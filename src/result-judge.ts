import { fileURLToPath } from 'node:url'
import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { checkEncoded, packedBytes } from '#queue/result-codec.ts'
import { storableMessage } from '#queue/storable-message.ts'
import type { JudgedResult, Log, ResultJudge } from '#src/run/ports.ts'
import { JudgeAnswer, type JudgeQuestion } from './judge-protocol.ts'
import { type JudgeProcess, type ProcessEnd, startJudgeProcess } from './run-judge-process.ts'

export interface JudgeLimits {
  /** Heap of the judging process. Twenty million latencies, the most that is read, need about 700 MiB. */
  readonly heapMb: number
  /** A million latencies take about a second. */
  readonly timeoutMs: number
  /** Results that wait while another is judged are held in memory: so many characters of them together. */
  readonly waitingCharacters: number
}

const LIMITS: JudgeLimits = { heapMb: 1024, timeoutMs: 180 * MS_PER_S, waitingCharacters: 256 * 1024 * 1024 }

const PROGRAM = fileURLToPath(new URL('judge-program.ts', import.meta.url))

const LESS = 'Measure fewer cases per run, or for a shorter time.'

export class JudgingError extends Error {
  readonly code: 'busy' | 'closed'

  constructor(code: 'busy' | 'closed', message: string) {
    super(message)
    this.name = 'JudgingError'
    this.code = code
  }
}

export interface ClosableJudge extends ResultJudge {
  /** Kills the process that judges now; that result and those that wait are rejected. */
  close(): Promise<void>
}

export interface ResultJudgeOptions {
  readonly log: Log
  readonly limits?: Partial<JudgeLimits>
  /** Instead of ours, in tests. */
  readonly program?: string
  /** Called with the id of each process that judges. */
  readonly started?: (pid: number) => void
}

/**
 * Judges results one at a time, each in a process of its own: it takes a second for a million latencies, in which the bot
 * could answer nobody. A thread would do for that, but a thread that runs out of memory while it parses JSON ends its
 * whole process, and what is parsed here comes from machines that run foreign code.
 */
export function createResultJudge(options: ResultJudgeOptions): ClosableJudge {
  const limits = { ...LIMITS, ...options.limits }
  let last: Promise<unknown> = Promise.resolve()
  let waitingCharacters = 0
  let running: JudgeProcess | null = null
  let closed = false

  async function runProcess(question: JudgeQuestion, encoded: string): Promise<ProcessEnd> {
    if (closed) throw new JudgingError('closed', 'The bot is stopping; the result is judged after its next start.')
    const input = [`${toAscii(JSON.stringify(question))}\n`, encoded]
    const program = options.program ?? PROGRAM
    running = await startJudgeProcess({ program, input, heapMb: limits.heapMb, timeoutMs: limits.timeoutMs })
    if (closed) running.kill()
    options.started?.(running.pid)
    const end = await running.end
    running = null
    if (closed) throw new JudgingError('closed', 'The bot is stopping; the result is judged after its next start.')
    return end
  }

  async function judge(question: JudgeQuestion, encoded: unknown): Promise<JudgedResult> {
    const problem = checkEncoded(encoded)
    if (typeof encoded !== 'string' || problem !== null) return unreadable(problem ?? '')
    if (waitingCharacters > 0 && waitingCharacters + encoded.length > limits.waitingCharacters) {
      throw new JudgingError('busy', 'Too many results wait to be judged; this one is read again later.')
    }
    waitingCharacters += encoded.length
    const turn = last.then(() => runProcess(question, encoded))
    last = turn.catch(() => undefined)
    try {
      return conclude(await turn, question.jobId, encoded, options.log, limits)
    } finally {
      waitingCharacters -= encoded.length
    }
  }

  async function close(): Promise<void> {
    closed = true
    running?.kill()
    await last
  }

  return { judge, close }
}

function conclude(end: ProcessEnd, jobId: string, encoded: string, log: Log, limits: JudgeLimits): JudgedResult {
  if (end.kind !== 'answered') {
    log.error({ jobId, end }, 'the process that judged a result did not answer')
    return { outcome: { kind: 'failed', failure: explainEnd(end, limits) }, measurements: null }
  }
  const answer = JudgeAnswer.parse(JSON.parse(end.output))
  switch (answer.kind) {
    case 'judged':
      return { outcome: answer.outcome, measurements: packedBytes(encoded) }
    case 'unreadable':
      return unreadable(answer.message)
    case 'broken':
      log.error({ jobId, detail: answer.detail }, 'the result could not be judged')
      return { outcome: { kind: 'failed', failure: ourMistake(true) }, measurements: packedBytes(encoded) }
    default:
      return answer satisfies never
  }
}

function unreadable(message: string): JudgedResult {
  const failure: BenchmarkFailure = {
    code: 'worker_error',
    side: null,
    message: storableMessage(message),
    hint: 'Update the worker.'
  }
  return { outcome: { kind: 'failed', failure }, measurements: null }
}

function explainEnd(end: Exclude<ProcessEnd, { kind: 'answered' }>, limits: JudgeLimits): BenchmarkFailure {
  switch (end.kind) {
    case 'timed_out': {
      const message = `The measurements arrived, but judging them took longer than ${limits.timeoutMs / MS_PER_S} s and was stopped.`
      return { code: 'timed_out', side: null, message, hint: LESS }
    }
    case 'out_of_memory': {
      const message = `The measurements arrived, but judging them needed more than the ${limits.heapMb} MiB of memory it may take.`
      return { code: 'out_of_memory', side: null, message, hint: LESS }
    }
    case 'killed': {
      const message = 'The measurements arrived, but the process that judged them was killed (SIGKILL).'
      const hint = `Most likely the bot’s machine or container was out of memory: give it more. ${LESS}`
      return { code: 'out_of_memory', side: null, message, hint }
    }
    case 'crashed':
      return ourMistake(false)
    default:
      return end satisfies never
  }
}

function ourMistake(kept: boolean): BenchmarkFailure {
  const message = 'The measurements arrived but could not be judged. This is a mistake in Tailgate, not in the change.'
  const hint = `Report it with the bot’s log${kept ? '; the measurements are kept' : ''}.`
  return { code: 'worker_error', side: null, message, hint }
}

/** The input is sent one byte for each character: what follows is base64, the longest part by far. */
function toAscii(json: string): string {
  return json.replaceAll(/[^\0-\u007f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
