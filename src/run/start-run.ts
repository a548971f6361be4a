import { type BenchmarkJob, CONTRACT_VERSION, jobId } from '#contracts/benchmark-job.ts'
import { CONFIG_PATH } from '#src/config/config-path.ts'
import { planRun } from '#src/plan/plan-run.ts'
import type { Outcome } from '#src/report/outcome.ts'
import type { ComparisonFacts, RunDeps } from './ports.ts'
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
    return { kind: 'decided', baselineSha: null, outcome: { kind: 'awaiting_approval', reason } }
  }
  const comparison = await deps.github.compare(run.repository, run.baseRef, run.headSha)
  if (comparison === null) return { kind: 'decided', baselineSha: null, outcome: commitsMissing(run) }
  const texts = await readConfigTexts(deps, run, comparison)
  return decidePlan({ comparison, texts, measureEverything: run.trigger !== 'automatic', now: deps.now() })
}

async function readConfigTexts(deps: RunDeps, run: Run, comparison: ComparisonFacts): Promise<ConfigTexts> {
  const read = (sha: string) => deps.github.readTextFile(run.repository, CONFIG_PATH, sha)
  const [policy, candidate] = await Promise.all([read(comparison.baseTipSha), read(run.headSha)])
  const baseline = comparison.mergeBaseSha === comparison.baseTipSha ? policy : await read(comparison.mergeBaseSha)
  return { policy, baseline, candidate }
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
  const baselineSha = comparison.mergeBaseSha
  const resolution = resolveConfigs(texts)
  if (resolution.kind === 'outcome') return { kind: 'decided', baselineSha, outcome: resolution.outcome }
  const plan = planRun({
    ...resolution.configs,
    changedFiles: comparison.changedFiles,
    measureEverything
  })
  if (plan.cases.length === 0) {
    const changedFiles = comparison.changedFiles === 'unknown' ? 300 : comparison.changedFiles.length
    return { kind: 'decided', baselineSha, outcome: { kind: 'nothing_relevant', changedFiles, skipped: plan.skipped } }
  }
  return { kind: 'queued', planned: { baselineSha, plan, queuedAt: now } }
}

function commitsMissing(run: Run): Outcome {
  return {
    kind: 'failed',
    failure: {
      code: 'fetch_failed',
      side: 'candidate',
      message: `GitHub cannot compare ${run.baseRef} with ${run.headSha}: one of them no longer exists.`,
      hint: 'Restore the branch or push again.'
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
    baselineSha: planned.baselineSha,
    candidateSha: run.headSha,
    cases: planned.plan.cases,
    measuring: planned.plan.measuring,
    labels: planned.plan.labels
  }
  await deps.queue.add(job, { priority: PRIORITY[run.trigger] })
}
