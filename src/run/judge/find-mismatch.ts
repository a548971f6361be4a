import type { BenchmarkResult, CaseResult } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import { compareEngines } from '#src/environment/compare-identities.ts'
import type { RunPlan } from '#src/plan/plan-run.ts'
import { findDisorder } from '#stats/inspect-blocks.ts'

/** What was asked for; the result is checked against it, because worker output is not trusted. */
export interface Expected {
  readonly baselineSha: string
  readonly candidateSha: string
  readonly plan: RunPlan
}

/** Why a result is not an answer to what was asked, as a sentence; null when it is one. */
export function findMismatch(expected: Expected, result: BenchmarkResult): string | null {
  if (result.baselineSha !== expected.baselineSha || result.candidateSha !== expected.candidateSha) {
    return `The worker measured ${result.baselineSha}..${result.candidateSha}, which is not what was asked for.`
  }
  const planned = new Map(expected.plan.cases.map((spec) => [spec.id, spec]))
  for (const item of result.cases) {
    const spec = planned.get(item.caseId)
    if (spec === undefined) return `The worker sent the case ${item.caseId} twice, or was never asked for it.`
    planned.delete(item.caseId)
    const problem = findBlockProblem(spec, item)
    if (problem !== null) return problem
  }
  return findEngineMismatch(expected.plan, result)
}

function findBlockProblem(spec: CaseSpec, result: CaseResult): string | null {
  if (result.status !== 'measured') return null
  const disorder = findDisorder(result.blocks)
  if (disorder !== null) {
    return `The worker sent the blocks of the case ${spec.id} out of order: at block ${disorder.blockIndex} ${disorder.problem}.`
  }
  const { scenario } = spec
  if (scenario.kind !== 'ramp') return null
  const rates = new Set(result.blocks.map(({ load }) => load?.offeredPerS))
  if (rates.size <= scenario.steps) return null
  return `The worker offered ${rates.size} rates in the case ${spec.id}, where ${scenario.steps} were asked for.`
}

/** Sides with different engines that nobody asked for: the engines would be compared, and not the models. */
function findEngineMismatch(plan: RunPlan, { identity }: BenchmarkResult): string | null {
  if (identity === undefined) return null
  const mayDiffer = plan.cases.some(
    ({ baseline, candidate }) => baseline.session.engineVersion !== candidate.session.engineVersion
  )
  const verdict = compareEngines(identity, mayDiffer)
  if (verdict.kind === 'same') return null
  const [change] = verdict.changes
  return `Both sides were to use the same ${change?.what}, but the baseline used ${change?.was} and the candidate ${change?.is}.`
}
