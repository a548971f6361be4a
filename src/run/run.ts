import type { RunPlan } from '#src/plan/plan-run.ts'
import type { Outcome } from '#src/report/outcome.ts'

/** A repository as seen through one installation of the App. */
export interface RepositoryRef {
  readonly installationId: number
  readonly id: number
  readonly owner: string
  readonly name: string
}

/** Who or what asked for a run. A person's request measures every case and starts a fresh attempt. */
export type Trigger = 'automatic' | 'command' | 'rerun'

/** What was read from GitHub and worked out before a job was queued. */
export interface PlannedRun {
  readonly baselineSha: string
  readonly plan: RunPlan
  readonly queuedAt: Date
}

/**
 * Where a run stands. It only ever moves forward:
 *
 *     new ──▶ queued ──▶ decided ──▶ published
 *      └────────────────────▲
 *
 * `decided` holds an outcome that GitHub may not show yet; `published` is final.
 */
export type RunState =
  | { readonly kind: 'new' }
  | { readonly kind: 'queued'; readonly planned: PlannedRun }
  | { readonly kind: 'decided'; readonly baselineSha: string | null; readonly outcome: Outcome }
  | { readonly kind: 'published'; readonly baselineSha: string | null; readonly outcome: Outcome }

/** All cases for one candidate against one baseline: one attempt to give one verdict on one head commit. */
export interface Run {
  readonly id: string
  readonly repository: RepositoryRef
  readonly pullRequest: number
  readonly headSha: string
  readonly baseRef: string
  readonly attempt: number
  readonly trigger: Trigger
  /** True when the head lives in another repository; such code runs only after `approvedBy` names a maintainer. */
  readonly fromFork: boolean
  readonly approvedBy: string | null
  readonly state: RunState
  readonly checkRunId: number | null
  /** Set when the run should stop: superseded, closed, cancelled by a person. */
  readonly cancelReason: string | null
  readonly createdAt: Date
}

/** A run that still has something to do. */
export function isLive(run: Run): boolean {
  return run.state.kind !== 'published'
}
