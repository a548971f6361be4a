import type { BenchmarkFailure, FailureCode } from '#contracts/benchmark-result.ts'
import type { ReportFailure } from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'
import { proseFromUntrusted, SENTENCE_MAX_CHARS } from './untrusted-prose.ts'

const WHAT: Readonly<Record<FailureCode, string>> = {
  model_missing: 'the model file is missing',
  model_is_lfs_pointer: 'the model file is only a Git LFS pointer',
  model_unreadable: 'the model cannot be read',
  input_unsupported: 'an input of the model cannot be generated',
  inference_failed: 'inference failed',
  provider_unavailable: 'the execution provider cannot be used on this worker',
  session_unsupported: 'ONNX Runtime refuses the session as it is configured',
  engine_unavailable: 'the ONNX Runtime version it needs is not installed on the worker',
  device_unavailable: 'the device was not free',
  process_crashed: 'the measuring process crashed',
  timed_out: 'it ran out of time',
  out_of_memory: 'it ran out of memory',
  fetch_failed: 'the commits could not be fetched',
  cancelled: 'it was cancelled',
  worker_error: 'the worker had a problem'
}

/** A failure code in words, to stand after a colon. */
export function describeFailureCode(failure: BenchmarkFailure): string {
  return WHAT[failure.code]
}

/** A failure of one case, or of the whole run when `caseId` is null; the headline has then said already what it was. */
export function describeFailure(caseId: string | null, failure: BenchmarkFailure): ReportFailure {
  const { message, hint } = failure
  const whole = message.trim()
  return {
    title: describeTitle(caseId, failure),
    message: proseFromUntrusted(message),
    detail: whole.includes('\n') || whole.length > SENTENCE_MAX_CHARS ? whole : null,
    hint: proseFromUntrusted(hint)
  }
}

function describeTitle(caseId: string | null, failure: BenchmarkFailure): RichText | null {
  if (caseId === null) return null
  const subject = failure.side === null ? [code(caseId)] : prose`${code(caseId)}, ${failure.side}`
  return prose`${subject}: ${WHAT[failure.code]}.`
}
