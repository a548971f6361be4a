import type { BenchmarkFailure, BenchmarkResult, CaseResult } from '#contracts/benchmark-result.ts'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import type { RunPlan } from '#src/plan/plan-run.ts'
import type { MeasuredFacts, Outcome } from '#src/report/outcome.ts'
import { addRecordingWarnings, findDisorder } from '#stats/inspect-blocks.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { downgradeUntrusted } from './downgrade-untrusted.ts'

/** What was asked for; the result is checked against it, because worker output is not trusted. */
export interface Expected {
  readonly baselineSha: string
  readonly candidateSha: string
  readonly plan: RunPlan
}

/** From a worker's raw measurements to the outcome of the run. Pure: the same result always gives the same outcome. */
export function judgeResult(expected: Expected, result: BenchmarkResult): Outcome {
  const mismatch = findMismatch(expected, result)
  if (mismatch !== null) return { kind: 'failed', failure: workerError(mismatch) }
  if (result.failure !== null) return { kind: 'failed', failure: explainCancel(result.failure) }
  const { cases: caseResults, ...envelope } = result
  const { plan } = expected
  const measured = collectMeasured(plan, caseResults)
  return {
    kind: 'judged',
    comparison: downgradeUntrusted(
      addRecordingWarnings(judgeRun({ cases: measured }, plan.measuring), measured),
      result.calibration
    ),
    checks: [],
    cases: plan.cases,
    result: envelope,
    measured: collectFacts(caseResults),
    notMeasured: collectFailures(plan, caseResults),
    skipped: plan.skipped,
    policyEdits: plan.policyEdits,
    gate: plan.gate,
    onInconclusive: plan.onInconclusive,
    measuringMs: sumMeasuringMs(caseResults)
  }
}

function findMismatch(expected: Expected, result: BenchmarkResult): string | null {
  if (result.baselineSha !== expected.baselineSha || result.candidateSha !== expected.candidateSha) {
    return `The worker measured ${result.baselineSha}..${result.candidateSha}, which is not what was asked for.`
  }
  const planned = new Set(expected.plan.cases.map(({ id }) => id))
  for (const item of result.cases) {
    const { caseId } = item
    if (!planned.delete(caseId)) return `The worker sent the case ${caseId} twice, or was never asked for it.`
    const disorder = item.status === 'measured' ? findDisorder(item.blocks) : null
    if (disorder !== null) {
      return `The worker sent the blocks of the case ${caseId} out of order: at block ${disorder.blockIndex} ${disorder.problem}.`
    }
  }
  return null
}

function collectMeasured(plan: RunPlan, caseResults: readonly CaseResult[]): MeasuredCase[] {
  const thresholds = new Map(plan.cases.map((spec) => [spec.id, spec.thresholds]))
  const measured: MeasuredCase[] = []
  for (const result of caseResults) {
    if (result.status !== 'measured') continue
    measured.push({ id: result.caseId, blocks: result.blocks, thresholds: thresholds.get(result.caseId) })
  }
  return measured
}

function collectFacts(caseResults: readonly CaseResult[]): MeasuredFacts[] {
  return caseResults.flatMap((result) => {
    if (result.status !== 'measured') return []
    const { caseId, stopReason, warnings, models } = result
    return [{ caseId, stopReason, warnings, models }]
  })
}

function collectFailures(plan: RunPlan, caseResults: readonly CaseResult[]) {
  const byId = new Map(caseResults.map((result) => [result.caseId, result]))
  const failures: { caseId: string; failure: BenchmarkFailure }[] = []
  for (const { id } of plan.cases) {
    const result = byId.get(id)
    if (result === undefined) failures.push({ caseId: id, failure: workerError('The worker sent no result for it.') })
    else if (result.status === 'not_measured') failures.push({ caseId: id, failure: result.failure })
  }
  return failures
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

function workerError(message: string): BenchmarkFailure {
  return { code: 'worker_error', side: null, message, hint: 'Re-run the check; see the worker’s log if it comes back.' }
}
