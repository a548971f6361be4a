/**
 * The process of one cold start. The supervisor starts it anew for each (with this file in place of main.ts), writes one
 * {@link ColdStartRequest} as a JSON frame to its channel, and reads one JSON frame: a {@link ColdStartReply}, or why there
 * was no start. Then it waits for its end, so that the supervisor can read how much memory it took, and ends by itself when
 * the supervisor lets go of the channel.
 *
 * Nothing but Node's own modules is imported before the clock is read: what a process takes to start is Node's start.
 */
import type { ColdStartReply, ColdStartRequest } from '#workers/scenarios/cold-start.ts'
import type { SideFailure } from './protocol.ts'

const [enteredS, enteredRestNs] = process.hrtime()

const { writeJsonFrame } = await import('./frames.ts')
const { parseRequest, receiveFrame, sendFrame } = await import('./side-channel.ts')
const { measureColdStart } = await import('#workers/scenarios/cold-start.ts')
const { createInstance } = await import('./create-instance.ts')
const { describeLoadFailure } = await import('./describe-failure.ts')
const { importEngine } = await import('./import-engine.ts')
const { readRawValues } = await import('./read-raw-values.ts')
const { sessionOptions } = await import('./session-options.ts')

/** Carries a failure that has been explained already through the steps of the start. */
class StartFailedError extends Error {
  readonly failure: SideFailure
  constructor(failure: SideFailure, options?: ErrorOptions) {
    super(failure.message, options)
    this.failure = failure
  }
}

async function start({ startedNs, load, engineDirectory }: ColdStartRequest): Promise<ColdStartReply | SideFailure> {
  const enteredNs = enteredS * 1e9 + enteredRestNs
  try {
    const phases = await measureColdStart(
      { startedNs, enteredNs },
      {
        require: async () => importEngine(engineDirectory),
        create: async (engine) => {
          try {
            return await engine.InferenceSession.create(load.modelFile, sessionOptions(load.session))
          } catch (error) {
            const failure = describeLoadFailure(error, load, readRawValues(engine, load.modelFile))
            throw new StartFailedError(failure, { cause: error })
          }
        },
        prepare: async (engine, session) => {
          // It gets the session that there is, and makes only the samples.
          const outcome = await createInstance({ ...engine, InferenceSession: { create: async () => session } }, load)
          if (outcome.kind === 'failed') throw new StartFailedError(outcome)
          const { send, describeFailure } = outcome.instance
          return () =>
            send(0).catch((error: unknown) => {
              throw new StartFailedError(describeFailure(error, 0), { cause: error })
            })
        }
      }
    )
    return { kind: 'cold_started', ...phases }
  } catch (error) {
    if (error instanceof StartFailedError) return error.failure
    throw error
  }
}

const frame = receiveFrame()
// Where the supervisor has closed the channel, nobody waits for the start any more.
if (frame !== null) {
  sendFrame(writeJsonFrame(await start(parseRequest<ColdStartRequest>(frame))), frame.exchange)
  receiveFrame()
}
process.exit(0)
