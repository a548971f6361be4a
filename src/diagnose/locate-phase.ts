import type { PhaseFacts } from '#stats/cold-start-facts.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import type { ChangedPhase, DiagnosisEvidence, Finding } from './diagnosis.ts'
import { findJudged, isMove, type JudgedMetric } from './judged-change.ts'

/** Whether a change sits in loading the model or in answering requests: both must have been measured. */
export function locatePhase({ comparison, related }: DiagnosisEvidence): Finding[] {
  const start = [comparison, ...related].find(({ scenario }) => scenario === 'cold_start')
  if (start === undefined) return []
  const singles = related.filter(isSingle)
  const steadyCases = comparison === start ? singles : [comparison, ...singles]
  const ready = findJudged(start, 'ready')
  const steady = steadyCases.map((one) => findJudged(one, 'p50')).find((judged) => judged !== null) ?? null
  return [
    ...(ready === null || steady === null ? [] : comparePhases(ready, steady)),
    ...(comparison === start ? listPhases(start) : [])
  ]
}

function comparePhases(ready: JudgedMetric, steady: JudgedMetric): Finding[] {
  const found = { ready: ready.change, steady: steady.change }
  if (isMove(ready.verdict) && isMove(steady.verdict)) return [{ kind: 'load_and_steady', ...found }]
  if (isMove(ready.verdict) && steady.verdict === 'unchanged') return [{ kind: 'load_only', ...found }]
  if (isMove(steady.verdict) && ready.verdict === 'unchanged') return [{ kind: 'steady_only', ...found }]
  return []
}

function isSingle({ scenario }: CaseComparison): boolean {
  return scenario === undefined || scenario === 'single_stream'
}

function listPhases({ facts }: CaseComparison): Finding[] {
  if (facts?.kind !== 'cold_start') return []
  const phases = facts.phases
    .flatMap(toChanged)
    .sort((one, other) => Math.abs(other.differenceNs.value) - Math.abs(one.differenceNs.value))
  return phases.length === 0 ? [] : [{ kind: 'start_phases', phases }]
}

/** Of a phase whose bounds lie on one side of no change. */
function toChanged({ phase, levels, difference }: PhaseFacts): ChangedPhase[] {
  if (difference === null || (difference.low <= 0 && difference.high >= 0)) return []
  return [{ phase, levelsNs: levels, differenceNs: difference }]
}
