import type { RenderedReport, RunDeps } from './ports.ts'
import type { Run, RunState } from './run.ts'

type Decided = Extract<RunState, { kind: 'decided' }>

/**
 * The one place that concludes a check. Idempotent: it writes the same check and the same comment however often a crash
 * makes it run again, and marks the run published only when GitHub has both.
 */
export async function publishRun(deps: RunDeps, run: Run, checkRunId: number, decided: Decided): Promise<void> {
  const report = render(deps, run, decided)
  // Annotations are appended by every update, so a check that was concluded before a crash is left as it is.
  if (!(await deps.github.isCheckCompleted(run.repository, checkRunId))) {
    const status = { kind: 'completed', conclusion: report.conclusion } as const
    await deps.github.updateCheck(run.repository, checkRunId, status, report.output)
  }
  if (await mayComment(deps, run, decided)) await writeStickyComment(deps, run, report)
  await deps.store.advance(run.id, 'decided', { ...decided, kind: 'published' })
}

/** A report that cannot be rendered still ends its check, and says so. */
function render(deps: RunDeps, run: Run, { commits, outcome }: Decided): RenderedReport {
  try {
    return deps.render(run, commits, outcome)
  } catch (error) {
    deps.log.error({ runId: run.id, err: error }, 'the report could not be rendered')
    const title = 'No verdict: the report could not be written'
    const summary = `${title}. This is a mistake in Tailgate, not in the change; the bot’s log has the details.`
    const output = { title, summary, text: null, annotations: [] }
    return { conclusion: 'failure', output, comment: summary, deservesComment: false }
  }
}

/** The comment shows the newest run of its pull request. A cancelled one has nothing to say over an older verdict. */
async function mayComment(deps: RunDeps, run: Run, { outcome }: Decided): Promise<boolean> {
  if (outcome.kind === 'cancelled') return false
  const newest = await deps.store.newestRun(run.repository.id, run.pullRequest)
  return newest === null || newest.id === run.id
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
