import { z } from 'zod'
import { BenchmarkJob } from '#contracts/benchmark-job.ts'

const Cancel = z.strictObject({ reason: z.string().max(4000) })

/**
 * What BullMQ stores as a job's data. The job itself is a JSON string inside the JSON: Postgres refuses NUL and lone
 * surrogates in `jsonb`, and a pull request may well put those into a name or a path.
 */
const JobData = z.strictObject({ job: z.string(), cancel: Cancel.nullable() })
export type JobData = z.infer<typeof JobData>

export type ParsedJobData =
  | { readonly kind: 'job'; readonly job: BenchmarkJob; readonly cancelReason: string | null }
  | { readonly kind: 'invalid'; readonly message: string }

export function formatJobData(job: BenchmarkJob, cancelReason: string | null): JobData {
  return { job: JSON.stringify(job), cancel: cancelReason === null ? null : { reason: cancelReason } }
}

/** Reads job data strictly. `invalid` names the key that is wrong. */
export function parseJobData(data: unknown): ParsedJobData {
  const outer = JobData.safeParse(data)
  if (!outer.success) return { kind: 'invalid', message: describeIssues(outer.error) }
  const json = parseJson(outer.data.job)
  if (json === undefined) return { kind: 'invalid', message: 'job: not JSON' }
  const job = BenchmarkJob.safeParse(json)
  if (!job.success) return { kind: 'invalid', message: describeIssues(job.error) }
  return { kind: 'job', job: job.data, cancelReason: outer.data.cancel?.reason ?? null }
}

/** Why the job should stop, or null. Reads no more than that, since it is asked every second. */
export function readCancelReason(data: unknown): string | null {
  const outer = JobData.safeParse(data)
  return outer.success ? (outer.data.cancel?.reason ?? null) : null
}

/** The same data with the cancel flag set; null when the data is not ours. */
export function withCancel(data: unknown, reason: string): JobData | null {
  const outer = JobData.safeParse(data)
  return outer.success ? { job: outer.data.job, cancel: { reason } } : null
}

/** The first three problems of a failed parse, each with its path. */
export function describeIssues(error: z.ZodError): string {
  const shown = error.issues.slice(0, 3).map((issue) => `${issue.path.join('.') || '(root)'}: ${issue.message}`)
  const hidden = error.issues.length - shown.length
  return shown.join('; ') + (hidden > 0 ? `; and ${hidden} more` : '')
}

/** Undefined when it is not JSON; JSON itself has no undefined. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
