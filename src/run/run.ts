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

/** The commits of the base branch that a run uses. */
export interface BaseCommits {
  /** The merge base: what is measured as baseline. */
  readonly baselineSha: string
  /** The tip: its configuration judges. */
  readonly baseTipSha: string
}

/** What was read from GitHub and worked out before a job was queued. */
export interface PlannedRun {
  readonly commits: BaseCommits
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
  | { readonly kind: 'decided'; readonly commits: BaseCommits | null; readonly outcome: Outcome }
  | { readonly kind: 'published'; readonly commits: BaseCommits | null; readonly outcome: Outcome }

/** Why a run should stop. A person's cancel holds until somebody asks again; the others make room for another run. */
export interface Cancel {
  readonly kind: 'superseded' | 'closed' | 'person'
  readonly reason: string
}

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
  readonly cancel: Cancel | null
  /** Failed attempts to take the next step since the last that worked. */
  readonly failures: number
  readonly createdAt: Date
}

/** A run that still has something to do. */
export function isLive(run: Run): boolean {
  return run.state.kind !== 'published'
}
