import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { MachineChangedError } from './device/machine-changed-error.ts'
import type { SideStartError } from './measure/measuring-errors.ts'

/** Why a job as a whole has no measurements: what of both commits could not be fetched. */

export function fetchFailed(side: Side, sha: string, error: unknown): BenchmarkFailure {
  const message = error instanceof Error ? error.message : String(error)
  const hint = error instanceof Error && 'hint' in error && typeof error.hint === 'string' ? error.hint : FETCH_HINT
  return {
    code: 'fetch_failed',
    side,
    message: `The ${side} commit ${sha} could not be fetched: ${message}`.slice(0, 4000),
    hint: hint.slice(0, 2000)
  }
}

const FETCH_HINT =
  'Check that the commit still exists on the server (a force-push or a deleted branch removes it) and that the worker may read the repository.'

export function fetchTimedOut(job: BenchmarkJob): BenchmarkFailure {
  const seconds = Math.round(job.measuring.jobTimeoutMs / 1000)
  return {
    code: 'timed_out',
    side: null,
    message: `The job's time of ${seconds} s was over before both commits were fetched.`,
    hint: 'Allow more time for the run, or make the repository smaller for a fetch.'
  }
}

export function cancelled(signal: AbortSignal): BenchmarkFailure {
  const reason: unknown = signal.reason
  const why = reason instanceof Error ? reason.message : typeof reason === 'string' ? reason : 'no reason given'
  return {
    code: 'cancelled',
    side: null,
    message: `The job was cancelled: ${why}`.slice(0, 4000),
    hint: 'Nothing needs to be done unless a new run was expected; a new run can be asked for at any time.'
  }
}

export function machineChanged({ message }: MachineChangedError): BenchmarkFailure {
  return {
    code: 'worker_error',
    side: null,
    message: `${message} What was measured before and after cannot be compared.`.slice(0, 4000),
    hint: 'Leave the machine as it is while it measures, and run again.'
  }
}

export function workerError(error: SideStartError): BenchmarkFailure {
  return {
    code: 'worker_error',
    side: null,
    message: error.message.slice(0, 4000),
    hint: "Check the worker's installation: Node.js 24, onnxruntime-node, and the sandbox program where one is used."
  }
}
