import type { FailureCode } from '#contracts/benchmark-result.ts'
import type { Side } from '#contracts/identifiers.ts'

/** The side process is gone or cannot be used any more; whatever it was asked for has failed. */
export class SideLostError extends Error {
  override readonly name = 'SideLostError'
  readonly code: Extract<FailureCode, 'process_crashed' | 'timed_out' | 'out_of_memory'>
  readonly hint: string

  constructor(code: SideLostError['code'], message: string, hint: string) {
    super(message)
    this.code = code
    this.hint = hint
  }
}

/** No side process could be started: something is wrong with the worker, not with the model. */
export class SideStartError extends Error {
  override readonly name = 'SideStartError'
  readonly code = 'side_start_failed'
}

/** Measuring was told to stop. */
export class MeasuringAbortedError extends Error {
  override readonly name = 'MeasuringAbortedError'
  readonly code = 'aborted'
}

/** A {@link SideLostError}, with the side it happened on. */
export class SideFailedError extends Error {
  override readonly name = 'SideFailedError'
  readonly code = 'side_failed'
  readonly side: Side
  readonly loss: SideLostError

  constructor(side: Side, loss: SideLostError) {
    super(`The ${side} process ${loss.message}`, { cause: loss })
    this.side = side
    this.loss = loss
  }
}

/** Waits for a request to one side; a lost process is rethrown with its side. */
export function withSide<Reply>(side: Side, request: Promise<Reply>): Promise<Reply> {
  return request.catch((error: unknown) => {
    throw error instanceof SideLostError ? new SideFailedError(side, error) : error
  })
}
