import type { BenchmarkFailure, FailureCode } from '#contracts/benchmark-result.ts'
import type { Side } from '#contracts/identifiers.ts'
import { lossByReply } from '#workers/measure/describe-loss.ts'
import { SideFailedError, withSide } from '#workers/measure/measuring-errors.ts'
import type { RequestLimits, SideProcess } from '#workers/measure/side-process.ts'
import { tryCase } from '#workers/measure/try-case.ts'
import { decodeOutputs } from '#workers/outputs/decode-outputs.ts'
import type { SampleRun } from '#workers/outputs/output-tensor.ts'
import { OutputsTooLargeError } from '#workers/outputs/outputs-too-large-error.ts'
import type { LoadRequest, SampleFacts } from '#workers/side/protocol.ts'

/** What a check needs of a side process. */
export type CheckedSide = Pick<SideProcess, 'load' | 'tryOnce' | 'ask'>

/** A side refused what a case asks of it, and said why. */
export class CheckFailedError extends Error {
  override readonly name = 'CheckFailedError'
  readonly code = 'check_failed'
  readonly failure: BenchmarkFailure

  constructor(side: Side, refusal: { readonly code: FailureCode; readonly message: string; readonly hint: string }) {
    super(refusal.message)
    this.failure = { code: refusal.code, side, message: refusal.message, hint: refusal.hint }
  }
}

export interface AskedSide {
  readonly name: Side
  readonly process: CheckedSide
  /** Of one inference. */
  readonly limits: RequestLimits
  /** Of loading, and of what else takes as long as a model is large. */
  readonly loadLimits: RequestLimits
}

/**
 * Loads a case and runs its first inference.
 *
 * @returns how many samples there are
 * @throws {CheckFailedError} {@link SideFailedError}
 */
export async function loadOn({ name, process, limits, loadLimits }: AskedSide, request: LoadRequest): Promise<number> {
  const loaded = await withSide(name, process.load(request, loadLimits))
  if (loaded.kind === 'failed') throw new CheckFailedError(name, loaded)
  const samples = countSamples(loaded.sampleFacts)
  const tried = await tryCase(name, process, { caseIndex: request.caseIndex, samples }, limits)
  if (tried.kind === 'failed') throw new CheckFailedError(name, tried)
  return samples
}

/** A decoder makes its prompts itself, as many as it is asked for. */
function countSamples(facts: SampleFacts | undefined): number {
  return facts?.samples ?? Number.POSITIVE_INFINITY
}

/**
 * The outputs of one sample of a loaded case.
 *
 * @throws {OutputsTooLargeError} {@link CheckFailedError} {@link SideFailedError}
 */
export async function readOutputs(
  { name, process, limits }: AskedSide,
  caseIndex: number,
  sampleIndex: number
): Promise<SampleRun> {
  const reply = await withSide(name, process.ask('outputs', { kind: 'outputs', caseIndex, sampleIndex }, limits))
  switch (reply.kind) {
    case 'outputs': {
      const decoded = decodeOutputs(reply.body)
      if (decoded.ok) return decoded.run
      throw new SideFailedError(name, lossByReply(`outputs that are damaged (${decoded.problem})`))
    }
    case 'outputs_refused':
      throw new OutputsTooLargeError(reply.message)
    case 'failed':
      throw new CheckFailedError(name, reply)
    default:
      return reply satisfies never
  }
}
