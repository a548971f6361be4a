import { spawn } from 'node:child_process'
import { Duplex } from 'node:stream'
import type { Side } from '#contracts/identifiers.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import type { Cores } from '#workers/device/choose-cores.ts'
import { createResourceReader, type ResourceReading } from '#workers/device/create-resource-reader.ts'
import type { SideDevice } from '#workers/device/side-device.ts'
import { machineNowNs } from '#workers/load/load-clock.ts'
import type { SideCommand } from '#workers/sandbox/side-command.ts'
import { type ColdStart, type ColdStartRequest, readColdStart } from '#workers/scenarios/cold-start.ts'
import { FrameReader } from '#workers/side/frame-reader.ts'
import { JSON_FRAME, START_EXCHANGE, writeJsonFrame } from '#workers/side/frames.ts'
import { type LoadRequest, type SideFailure, SideReply } from '#workers/side/protocol.ts'
import { lossByExit, lossByReply, lossByStart, lossByTime } from './describe-loss.ts'
import { killGroup } from './kill-group.ts'
import { MeasuringAbortedError, type SideLostError } from './measuring-errors.ts'

const MAX_REPLY_BYTES = 262_144
const STDERR_KEPT_LENGTH = 4096

export interface ColdOrder {
  readonly side: Side
  /** That the process is started on; null leaves the choice to the system. */
  readonly cores: Cores
  readonly device: SideDevice | null
  readonly load: LoadRequest
  readonly timeoutMs: number
  readonly signal: AbortSignal
}

interface StartedAnswer {
  readonly kind: 'started'
  readonly phases: ColdStart
  /** From right before the process was started until its answer was there. */
  readonly wallNs: number
  /** Of the process once its answer was there, which waits for that; null where it cannot be read. */
  readonly memory: Pick<ResourceReading, 'peakRssBytes'> | null
}

export type ColdAnswer = StartedAnswer | SideFailure

/**
 * Starts a process that loads one model, answers one request and ends, and waits for its answer.
 *
 * @param command of workers/side/cold-start.ts
 * @throws {SideLostError} when it ends, hangs or sends anything but one well-formed reply; {@link MeasuringAbortedError}
 */
export function startCold(
  command: SideCommand,
  order: Omit<ColdOrder, 'side' | 'cores' | 'device'>
): Promise<ColdAnswer> {
  const { load, timeoutMs, signal } = order
  if (signal.aborted) return Promise.reject(new MeasuringAbortedError('Measuring was stopped.'))
  const startedNs = machineNowNs()
  const startMs = performance.now()
  const child = spawn(command.program, [...command.args], {
    env: { ...command.env },
    detached: true,
    stdio: ['ignore', 'ignore', 'pipe', 'pipe', 'pipe']
  })
  return new Promise((resolve, reject) => {
    let stderr = ''
    const end = (settle: () => void) => {
      clearTimeout(timer)
      signal.removeEventListener('abort', abort)
      killGroup(child)
      for (const stream of child.stdio) stream?.destroy()
      settle()
    }
    const lose = (loss: SideLostError) => end(() => reject(loss))
    const abort = () => end(() => reject(new MeasuringAbortedError('Measuring was stopped.')))
    const timer = setTimeout(() => lose(lossByTime(timeoutMs)), timeoutMs)
    signal.addEventListener('abort', abort)
    child.once('error', (error) => lose(lossByStart(error)))
    child.once('close', (code, endSignal) => lose(lossByExit(code, endSignal, stderr)))
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
      stderr = (stderr + chunk).slice(-STDERR_KEPT_LENGTH)
    })
    const frames = new FrameReader(MAX_REPLY_BYTES)
    streamOf(child.stdio[4]).on('data', (chunk: Buffer) => {
      const wallNs = (performance.now() - startMs) * NS_PER_MS
      const read = frames.push(new Uint8Array(chunk))
      if (read.kind === 'incomplete') return
      const answer = read.kind === 'frame' ? readAnswer(read.frame, wallNs) : null
      if (answer === null) lose(lossByReply('something that is not a reply'))
      else void withMemory(answer, child.pid).then((whole) => end(() => resolve(whole)))
    })
    const request: ColdStartRequest = {
      kind: 'cold_start',
      startedNs,
      load,
      engineDirectory: load.engineDirectory
    }
    streamOf(child.stdio[3]).write(writeJsonFrame(request))
  })
}

/** A broken pipe is followed by the end of the process, which says why. */
function streamOf(stream: unknown): Duplex {
  if (!(stream instanceof Duplex)) throw new Error('A cold start has no channel.')
  return stream.on('error', () => {})
}

async function withMemory(
  answer: Omit<StartedAnswer, 'memory'> | SideFailure,
  pid: number | undefined
): Promise<ColdAnswer> {
  if (answer.kind === 'failed') return answer
  const reader = pid === undefined ? null : await createResourceReader(pid)
  return { ...answer, memory: (await reader?.read()) ?? null }
}

function readAnswer(
  frame: { readonly type: number; readonly exchange: number; readonly body: Uint8Array },
  wallNs: number
): Omit<StartedAnswer, 'memory'> | SideFailure | null {
  if (frame.type !== JSON_FRAME || frame.exchange !== START_EXCHANGE) return null
  const reply = parseJson(frame.body)
  const phases = readColdStart(reply, wallNs)
  if (phases !== null) return { kind: 'started', phases, wallNs }
  const parsed = SideReply.safeParse(reply)
  return parsed.success && parsed.data.kind === 'failed' ? parsed.data : null
}

function parseJson(body: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(body).toString('utf8'))
  } catch {
    return null
  }
}
