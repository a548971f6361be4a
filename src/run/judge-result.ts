import type { BenchmarkFailure, BenchmarkResult, CaseResult } from '#contracts/benchmark-result.ts'
import type { Price } from '#contracts/budgets.ts'
import { inferencesOf } from '#contracts/inferences-of.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { compareCost } from '#src/budgets/cost.ts'
import type { BudgetJudgement } from '#src/budgets/judge-budgets.ts'
import type { Diagnosis } from '#src/diagnose/diagnosis.ts'
import type { RunPlan } from '#src/plan/plan-run.ts'
import type { CaseChecks, MeasuredFacts, Outcome } from '#src/report/outcome.ts'
import { addRecordingWarnings } from '#stats/inspect-blocks.ts'
import { judgeRun } from '#stats/judge-run.ts'
import type { RunComparison } from '#stats/verdict.ts'
import { downgradeUntrusted } from './downgrade-untrusted.ts'
import { diagnoseCases } from './judge/diagnose-cases.ts'
import { downgradeDisturbed } from './judge/downgrade-disturbed.ts'
import { type Expected, findMismatch } from './judge/find-mismatch.ts'
import { judgeCaseBudgets } from './judge/judge-case-budgets.ts'
import { type ComparableCase, type SortedCase, sortCase } from './judge/sort-case.ts'
import { trimChecks } from './judge/trim-checks.ts'
import { workerError } from './judge/worker-error.ts'

/**
 * From a worker's raw measurements to the outcome of the run. Pure: the same result always gives the same outcome.
 * docs/decisions/0009-answers-before-speed.md says what stands in the way of what.
 */
export function judgeResult(expected: Expected, result: BenchmarkResult): Outcome {
  const mismatch = findMismatch(expected, result)
  if (mismatch !== null) return { kind: 'failed', failure: workerError(mismatch) }
  if (result.failure !== null) return { kind: 'failed', failure: explainCancel(result.failure) }
  const { cases: caseResults, ...envelope } = result
  const { plan } = expected
  const sorted = sortCases(plan, result)
  const comparable = sorted.filter((item) => item.kind === 'comparable')
  const comparison = downgradeUntrusted(compareSpeed(plan, comparable), result.calibration)
  return {
    kind: 'judged',
    comparison,
    checks: collectChecks(plan, sorted, comparison),
    cases: plan.cases,
    result: envelope,
    measured: sorted.flatMap(toFacts),
    notMeasured: sorted.flatMap((item) =>
      item.kind === 'failed' ? [{ caseId: item.spec.id, failure: item.failure }] : []
    ),
    skipped: plan.skipped,
    policyEdits: plan.policyEdits,
    gate: plan.gate,
    onInconclusive: plan.onInconclusive,
    measuringMs: sumMeasuringMs(caseResults)
  }
}

function sortCases({ cases }: RunPlan, { cases: results, identity }: BenchmarkResult): SortedCase[] {
  const byId = new Map(results.map((result) => [result.caseId, result]))
  const migEnabled = identity?.gpu?.mig.enabled === true
  return cases.map((spec) => sortCase(spec, byId.get(spec.id), migEnabled))
}

/** Warnings about how blocks were recorded are about all of them, also those that the environment spoilt. */
function compareSpeed({ measuring }: RunPlan, cases: readonly ComparableCase[]): RunComparison {
  const judged = judgeRun({ cases: cases.map(({ measured }) => measured) }, measuring)
  const environments = new Map(cases.map(({ spec, environment }) => [spec.id, environment]))
  const recorded = cases.map(({ measured, result }) => ({ ...measured, blocks: result.blocks }))
  return downgradeDisturbed(addRecordingWarnings(judged, recorded), environments)
}

function collectChecks(plan: RunPlan, sorted: readonly SortedCase[], comparison: RunComparison): CaseChecks[] {
  const cases = sorted.filter((item) => item.kind === 'comparable')
  const { design } = plan.measuring
  const budgets = judgeCaseBudgets(cases, design)
  const found: Found = {
    price: plan.price,
    comparison,
    budgets: Map.groupBy(budgets, ({ caseId }) => caseId),
    diagnoses: diagnoseCases({ cases, comparison, budgets, design })
  }
  return sorted.flatMap((item) => (item.kind === 'failed' ? [] : [trimChecks(toChecks(item, found))]))
}

interface Found {
  readonly price: Price | null
  readonly comparison: RunComparison
  readonly budgets: ReadonlyMap<string, readonly BudgetJudgement[]>
  readonly diagnoses: ReadonlyMap<string, Diagnosis>
}

function toChecks(item: Exclude<SortedCase, { kind: 'failed' }>, found: Found): CaseChecks {
  const { spec, equivalence, accuracy } = item
  const common = { caseId: spec.id, equivalence, accuracy }
  if (item.kind === 'not_equivalent') {
    return { ...common, budgets: [], cost: null, environment: item.environment, diagnosis: null }
  }
  const comparison = found.comparison.cases.find(({ id }) => id === spec.id)
  const cost =
    found.price === null || comparison === undefined
      ? null
      : compareCost(comparison, found.price, inferencesOf(spec.scenario))
  return {
    ...common,
    budgets: found.budgets.get(spec.id) ?? [],
    cost,
    environment: item.environment?.outcome ?? null,
    resources: item.environment?.resources ?? null,
    diagnosis: found.diagnoses.get(spec.id) ?? null
  }
}

/** More files of one model than a reader looks at. */
const EXTERNAL_FILES_KEPT = 20

function toFacts(item: SortedCase): MeasuredFacts[] {
  if (item.kind === 'failed') return []
  const { caseId, warnings, models } = item.result
  const stopReason = item.result.status === 'measured' ? item.result.stopReason : null
  const cut = ({ externalData, ...model }: MeasuredFacts['models']['baseline']) => {
    return { ...model, externalData: externalData.slice(0, EXTERNAL_FILES_KEPT) }
  }
  return [
    { caseId, stopReason, warnings, models: { baseline: cut(models.baseline), candidate: cut(models.candidate) } }
  ]
}

function sumMeasuringMs(caseResults: readonly CaseResult[]): number {
  let wallNs = 0
  for (const result of caseResults) {
    if (result.status === 'measured') for (const block of result.blocks) wallNs += block.wallNs
  }
  return wallNs / NS_PER_MS
}

/** A run that was cancelled on purpose is decided before its result arrives; here the worker stopped by itself. */
function explainCancel(failure: BenchmarkFailure): BenchmarkFailure {
  if (failure.code !== 'cancelled') return failure
  return { ...failure, code: 'worker_error', hint: 'The worker was stopped while it measured. Re-run the check.' }
}
