import type { InstanceRequest } from '#workers/side/create-instance.ts'

/** How long each part of a start took, in nanoseconds. */
export interface ColdStart {
  /** From the supervisor's order to start the process until the first line of its program. */
  readonly processNs: number
  /** Loading onnxruntime-node with its native library. */
  readonly requireNs: number
  /** Reading the model and creating the session. */
  readonly createNs: number
  /** The first inference. */
  readonly firstNs: number
}

/** The steps of a start. What stands between them is not counted: making the input tensors, for one. */
export interface ColdStartSteps<Engine, Session> {
  require(): Promise<Engine>
  create(engine: Engine): Promise<Session>
  /** @returns the first inference, ready to be sent */
  prepare(engine: Engine, session: Session): Promise<() => Promise<unknown>>
}

/**
 * Goes through one start. Rejects with the error of the step that failed.
 *
 * @param startedNs when the process was ordered, and `enteredNs` when its first line ran, by the machine's clock
 */
export async function measureColdStart<Engine, Session>(
  { startedNs, enteredNs }: { readonly startedNs: number; readonly enteredNs: number },
  steps: ColdStartSteps<Engine, Session>,
  nowMs: () => number = () => performance.now()
): Promise<ColdStart> {
  const requireMs = nowMs()
  const engine = await steps.require()
  const createMs = nowMs()
  const session = await steps.create(engine)
  const createdMs = nowMs()
  const first = await steps.prepare(engine, session)
  const firstMs = nowMs()
  await first()
  const endMs = nowMs()
  return {
    processNs: Math.max(1, Math.round(enteredNs - startedNs)),
    requireNs: toNs(createMs - requireMs),
    createNs: toNs(createdMs - createMs),
    firstNs: toNs(endMs - firstMs)
  }
}

/** From the order to the first answer: what a user waits for. */
export function readyNs({ processNs, requireNs, createNs, firstNs }: ColdStart): number {
  return processNs + requireNs + createNs + firstNs
}

function toNs(ms: number): number {
  return Math.max(1, Math.round(ms * 1e6))
}

/** What the supervisor tells the process of a start. */
export interface ColdStartRequest {
  readonly kind: 'cold_start'
  /** By `machineNowNs`, right before the process was started. */
  readonly startedNs: number
  readonly load: InstanceRequest
  /** See `importEngine`. */
  readonly engineDirectory: string | null
}

export interface ColdStartReply extends ColdStart {
  readonly kind: 'cold_started'
}

const PHASES = ['processNs', 'requireNs', 'createNs', 'firstNs'] as const

/**
 * What a side says of its start, or null when it cannot be that: phases that are no whole numbers of nanoseconds above zero,
 * or together longer than the time that went by.
 *
 * @param wallNs from right before the process was started until the reply was there, by the supervisor's clock
 */
export function readColdStart(reply: unknown, wallNs: number): ColdStart | null {
  if (typeof reply !== 'object' || reply === null || !('kind' in reply) || reply.kind !== 'cold_started') return null
  const [processNs, requireNs, createNs, firstNs] = PHASES.map((phase) => readDuration(Reflect.get(reply, phase)))
  if (processNs == null || requireNs == null || createNs == null || firstNs == null) return null
  const phases = { processNs, requireNs, createNs, firstNs }
  return readyNs(phases) <= wallNs ? phases : null
}

function readDuration(value: unknown): number | null {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : null
}
