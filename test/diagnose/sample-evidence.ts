import type { Profile } from '#contracts/graph.ts'
import { METRIC_FACTS, type Metric } from '#contracts/metric.ts'
import type { ScenarioKind } from '#contracts/scenario.ts'
import type { RepeatedTime } from '#src/diagnose/compare-repeats.ts'
import { describeDiagnosis } from '#src/diagnose/describe-diagnosis.ts'
import { diagnoseCase } from '#src/diagnose/diagnose-case.ts'
import type { DiagnosisEvidence, Finding } from '#src/diagnose/diagnosis.ts'
import type { ScenarioFacts } from '#stats/scenario-facts.ts'
import type { CaseComparison, MetricComparison, Verdict } from '#stats/verdict.ts'

export type SampleMetric = readonly [change: number, low: number, high: number, verdict: Verdict]

export interface SampleCase {
  readonly scenario?: ScenarioKind
  readonly metrics?: Partial<Record<Metric, SampleMetric>>
  readonly errors?: CaseComparison['errors']
  readonly facts?: ScenarioFacts
}

export const SLOWER: SampleMetric = [0.12, 0.1, 0.14, 'regression']
export const FASTER: SampleMetric = [-0.12, -0.14, -0.1, 'improvement']
export const SAME: SampleMetric = [0.001, -0.005, 0.007, 'unchanged']
export const UNKNOWN: SampleMetric = [0.02, -0.06, 0.1, 'inconclusive']

export function sampleComparison({
  scenario = 'single_stream',
  metrics = {},
  errors = { baseline: 0, candidate: 0, pValue: null },
  facts
}: SampleCase): CaseComparison {
  return {
    id: `model/default/${scenario}`,
    scenario,
    verdict: 'regression',
    reason: null,
    metrics: (Object.entries(metrics) as [Metric, SampleMetric][]).map(([metric, sample]) =>
      sampleMetric(metric, sample)
    ),
    rounds: 12,
    requests: { baseline: 5000, candidate: 5000 },
    errors,
    needed: null,
    warnings: [],
    ...(facts === undefined ? {} : { facts })
  }
}

function sampleMetric(metric: Metric, [relativeChange, low, high, verdict]: SampleMetric): MetricComparison {
  return {
    metric,
    unit: METRIC_FACTS[metric].unit,
    baseline: 1e6,
    candidate: 1e6 * (1 + relativeChange),
    baselineInterval: null,
    candidateInterval: null,
    relativeChange,
    interval: [low, high],
    verdict,
    reason: null,
    significant: verdict !== 'inconclusive',
    pValue: 0.0001,
    threshold: 0.02,
    smallestDetectableChange: 0.01
  }
}

/** Evidence in which nothing but the case itself is known. */
export function sampleEvidence(changes: Partial<DiagnosisEvidence> = {}): DiagnosisEvidence {
  return {
    comparison: sampleComparison({ metrics: { p50: SLOWER } }),
    model: 'unknown',
    settings: [],
    graph: null,
    placement: null,
    operators: null,
    related: [],
    brokenBudgets: [],
    ...changes
  }
}

export function findingsOf(changes: Partial<DiagnosisEvidence>): readonly Finding[] {
  return diagnoseCase(sampleEvidence(changes)).findings
}

export function kindsOf(changes: Partial<DiagnosisEvidence>): readonly string[] {
  return findingsOf(changes).map(({ kind }) => kind)
}

/** The paragraph with names in backticks. */
export function textOf(findings: readonly Finding[]): string {
  return describeDiagnosis({ findings })
    .map((piece) => (typeof piece === 'string' ? piece : `\`${piece.code}\``))
    .join('')
}

export function repeated(baseline: number, candidate: number, standsOut = true): RepeatedTime {
  return { ns: { baseline, candidate }, changeNs: candidate - baseline, standsOut }
}

/** A profile in which one request of each type takes so long, all on the processor. */
export function sampleProfile(
  times: Readonly<Record<string, number>>,
  { wallNs = 0, overheadNs = 10_000 } = {}
): Profile {
  const listed = Object.entries(times).map(([type, timeNs]) => ({
    type,
    provider: 'CPUExecutionProvider',
    nodes: 1,
    callsPerRequest: 1,
    timeNs
  }))
  const slowest = listed.map(({ type, provider, timeNs }) => ({ node: `${type}_0`, type, provider, timeNs }))
  const modelRunNs = overheadNs + listed.reduce((sum, { timeNs }) => sum + timeNs, 0)
  return {
    requests: 18,
    wallNs: wallNs === 0 ? modelRunNs + 20_000 : wallNs,
    modelRunNs,
    operators: { listed, unlisted: { nodes: 0, timeNs: 0 }, slowest },
    load: { modelLoadingNs: 1e6, sessionInitializationNs: 5e6 },
    damagedEvents: 0
  }
}
