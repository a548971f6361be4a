import type { RenderedReport, RunDeps } from './ports.ts'
import type { Run, RunState } from './run.ts'

/**
 * The one place that concludes a check. Idempotent: it writes the same check and the same comment however often a crash
 * makes it run again, and marks the run published only when GitHub has both.
 */
export async function publishRun(
  deps: RunDeps,
  run: Run,
  checkRunId: number,
  decided: Extract<RunState, { kind: 'decided' }>
): Promise<void> {
  const report = deps.render(run, decided.baselineSha, decided.outcome)
  const status = { kind: 'completed', conclusion: report.conclusion } as const
  await deps.github.updateCheck(run.repository, checkRunId, status, report.output)
  await writeStickyComment(deps, run, report)
  await deps.store.advance(run.id, 'decided', { ...decided, kind: 'published' })
}

/** One comment per pull request, edited; found by its stored id, else by our authorship and marker. */
async function writeStickyComment(deps: RunDeps, run: Run, report: RenderedReport): Promise<void> {
  const { repository, pullRequest } = run
  const stored = await deps.store.stickyComment(repository.id, pullRequest)
  if (stored === null && !report.deservesComment) return
  const known = stored ?? (await deps.github.findComment(repository, pullRequest))
  if (known !== null && (await deps.github.updateComment(repository, known, report.comment))) {
    await deps.store.setStickyComment(repository.id, pullRequest, known)
    return
  }
  const created = await deps.github.createComment(repository, pullRequest, report.comment)
  await deps.store.setStickyComment(repository.id, pullRequest, created)
}
