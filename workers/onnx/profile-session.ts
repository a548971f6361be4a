import { closeSync, mkdtempSync, openSync, readdirSync, readSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { StringDecoder } from 'node:string_decoder'
import type { InferenceSession } from 'onnxruntime-node'
import type { ProfileReading } from '#contracts/graph.ts'
import { parseProfile } from './parse-profile.ts'
import { readProfile } from './read-profile.ts'

export interface ProfiledSession {
  run(feeds: InferenceSession.FeedsType): Promise<unknown>
  endProfiling(): void
  release(): Promise<void>
}

export type ProfilingOptions = Required<Pick<InferenceSession.SessionOptions, 'enableProfiling' | 'profileFilePrefix'>>

export interface ProfileOrder {
  /** A fresh session with the case's own options and these. What it throws is passed on. */
  readonly createSession: (options: ProfilingOptions) => Promise<ProfiledSession>
  /** What the n-th request is fed, from 0. */
  readonly feedsOf: (request: number) => InferenceSession.FeedsType
  /** See `profiledRequests`. */
  readonly requests: number
  /** No further request starts after so long. At least one is made. */
  readonly timeMs: number
  /** An existing folder that files may be written to; nothing is left in it. */
  readonly temporaryFolder: string
}

const NS_PER_MS = 1e6
const CHUNK_BYTES = 1024 * 1024
/** Longest part of a line that is kept; what is longer is cut, and its event is damaged. */
const LONGEST_LINE = 200_000

/**
 * Runs some requests in a session of their own that profiles itself. It slows each operator by a microsecond or two, so
 * nothing else may be measured in it.
 */
export async function profileSession(order: ProfileOrder): Promise<ProfileReading> {
  const folder = mkdtempSync(join(order.temporaryFolder, 'profile-'))
  try {
    const session = await order.createSession({ enableProfiling: true, profileFilePrefix: join(folder, 'profile') })
    const wallsNs = await runAndEnd(session, order)
    const name = readdirSync(folder)[0]
    if (name === undefined) return { kind: 'unreadable', problem: 'ONNX Runtime wrote no profile.' }
    return readProfile({ ...parseProfile(readLines(join(folder, name))), wallsNs })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function runAndEnd(session: ProfiledSession, order: ProfileOrder): Promise<number[]> {
  try {
    return await runRequests(session, order)
  } finally {
    // It writes the file and returns nothing; the file's name has the time in it.
    session.endProfiling()
    await session.release()
  }
}

async function runRequests(session: ProfiledSession, { feedsOf, requests, timeMs }: ProfileOrder): Promise<number[]> {
  const wallsNs: number[] = []
  const endNs = process.hrtime.bigint() + BigInt(Math.ceil(timeMs * NS_PER_MS))
  while (wallsNs.length === 0 || (wallsNs.length < requests && process.hrtime.bigint() < endNs)) {
    const feeds = feedsOf(wallsNs.length)
    const startNs = process.hrtime.bigint()
    await session.run(feeds)
    wallsNs.push(Number(process.hrtime.bigint() - startNs))
  }
  return wallsNs
}

/** Piece by piece: a profile may be larger than a string. */
function* readLines(file: string): Generator<string> {
  const descriptor = openSync(file, 'r')
  try {
    const decoder = new StringDecoder('utf8')
    const chunk = Buffer.alloc(CHUNK_BYTES)
    let rest = ''
    for (let read = readSync(descriptor, chunk); read > 0; read = readSync(descriptor, chunk)) {
      const lines = (rest + decoder.write(chunk.subarray(0, read))).split('\n')
      rest = (lines.pop() ?? '').slice(0, LONGEST_LINE)
      yield* lines
    }
    yield rest
  } finally {
    closeSync(descriptor)
  }
}
