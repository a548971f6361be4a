import { type BenchmarkJob, CONTRACT_VERSION, jobId } from '#contracts/benchmark-job.ts'
import { planRun, type RunPlan } from '#src/plan/plan-run.ts'
import type { Outcome, SkippedCase } from '#src/report/outcome.ts'
import type { ComparisonFacts, RunDeps } from './ports.ts'
import { readConfigTexts } from './read-config-texts.ts'
import { type ConfigTexts, resolveConfigs } from './resolve-configs.ts'
import type { PlannedRun, Run, RunState } from './run.ts'

/** What planning can lead to. */
export type PlannedState = Extract<RunState, { kind: 'queued' | 'decided' }>

/** People wait for what they asked for; automatic runs come after. Lower goes first. */
const PRIORITY = { command: 1, rerun: 1, automatic: 10 } as const

/** Reads what a new run needs from GitHub and moves the run to `queued`, or straight to `decided`. */
export async function startRun(deps: RunDeps, run: Run): Promise<void> {
  const next = await planNewRun(deps, run)
  await deps.store.advance(run.id, 'new', next)
}

async function planNewRun(deps: RunDeps, run: Run): Promise<RunState> {
  if (run.fromFork && run.approvedBy === null) {
    const reason = `The head commit ${run.headSha} comes from a fork; its code runs only when a maintainer approves it.`
    return { kind: 'decided', commits: null, outcome: { kind: 'awaiting_approval', reason } }
  }
  const comparison = await deps.github.compare(run.repository, run.baseRef, run.headSha)
  if (comparison === null) return { kind: 'decided', commits: null, outcome: commitsMissing(run) }
  const read = (path: string, sha: string) => deps.github.readTextFile(run.repository, path, sha)
  const texts = await readConfigTexts(read, { ...comparison, headSha: run.headSha })
  return decidePlan({ comparison, texts, measureEverything: run.trigger !== 'automatic', now: deps.now() })
}

export interface PlanInput {
  readonly comparison: ComparisonFacts
  readonly texts: ConfigTexts
  /** Also cases that the change does not touch: someone asked for them. */
  readonly measureEverything: boolean
  readonly now: Date
}

/** What a new run becomes, from what was read. Pure. */
export function decidePlan({ comparison, texts, measureEverything, now }: PlanInput): PlannedState {
  const commits = { baselineSha: comparison.mergeBaseSha, baseTipSha: comparison.baseTipSha }
  const resolution = resolveConfigs(texts)
  if (resolution.kind === 'outcome') return { kind: 'decided', commits, outcome: resolution.outcome }
  const { changedFiles } = comparison
  const plan = planRun({ ...resolution.configs, changedFiles, measureEverything })
  if (plan.cases.length > 0) return { kind: 'queued', planned: { commits, plan, queuedAt: now } }
  return { kind: 'decided', commits, outcome: explainEmptyPlan(plan, changedFiles) }
}

/** Cases that vanish while others appear cannot be told from a rename, and renaming must not open the gate. */
function explainEmptyPlan({ skipped, gate }: RunPlan, changedFiles: ComparisonFacts['changedFiles']): Outcome {
  const has = (why: SkippedCase['why']) => skipped.some((item) => item.why === why)
  if (has('removed') && has('added')) return { kind: 'nothing_comparable', gate, skipped }
  return { kind: 'nothing_relevant', changedFiles: changedFiles === 'unknown' ? null : changedFiles.length, skipped }
}

function commitsMissing(run: Run): Outcome {
  return {
    kind: 'failed',
    failure: {
      code: 'fetch_failed',
      side: 'candidate',
      message: `GitHub cannot compare ${run.baseRef} with ${run.headSha}: one of them is gone, or they have no common history.`,
      hint: 'Restore the branch, rebase onto the base branch, or push again.'
    }
  }
}

/** Puts the job of a planned run into the queue. Safe to repeat: the job id is the run's. */
export async function enqueueRun(deps: RunDeps, run: Run, planned: PlannedRun): Promise<void> {
  const { owner, name } = run.repository
  const job: BenchmarkJob = {
    schemaVersion: CONTRACT_VERSION,
    jobId: jobId(run.id),
    runId: run.id,
    repository: { fullName: `${owner}/${name}`, cloneUrl: deps.github.cloneUrl(run.repository) },
    baselineSha: planned.commits.baselineSha,
    candidateSha: run.headSha,
    cases: planned.plan.cases,
    measuring: planned.plan.measuring
  }
  await deps.queue.add(job, { priority: PRIORITY[run.trigger] })
}
