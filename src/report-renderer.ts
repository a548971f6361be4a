import { loadTemplates } from './report/load-templates.ts'
import { renderReport } from './report/render.ts'
import { buildReport } from './report/report-model.ts'
import type { Github, RunDeps } from './run/ports.ts'

/** Reads the templates once and returns what turns an outcome into a check run and a comment. */
export function createReportRenderer(github: Pick<Github, 'repositoryUrl'>): RunDeps['render'] {
  const templates = loadTemplates()
  return (run, commits, outcome) => {
    const { owner, name } = run.repository
    const identity = {
      runId: run.id,
      attempt: run.attempt,
      repository: `${owner}/${name}`,
      pullRequest: run.pullRequest,
      baseRef: run.baseRef,
      baselineSha: commits?.baselineSha ?? null,
      baseTipSha: commits?.baseTipSha ?? null,
      headSha: run.headSha,
      measuredEverything: run.trigger !== 'automatic',
      repositoryUrl: github.repositoryUrl(run.repository)
    }
    const { conclusion, comment, deservesComment, ...output } = renderReport(buildReport(identity, outcome), templates)
    return { conclusion, output, comment, deservesComment }
  }
}
