import type { CaseSpec } from '#contracts/case.ts'
import type { CaseInspection, GraphFacts, GraphReading, Profile, ProfileReading } from '#contracts/graph.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import type { BrokenBudget, DiagnosisEvidence } from './diagnosis.ts'
import { diffGraphs } from './diff-graphs.ts'
import { diffOperatorTimes } from './diff-operator-times.ts'
import { diffPlacements } from './diff-placements.ts'
import { diffSides } from './diff-sides.ts'

export interface EvidenceParts {
  readonly spec: Pick<CaseSpec, 'baseline' | 'candidate'>
  readonly comparison: CaseComparison
  /** Of the other cases of this run with the same model and session. */
  readonly related: readonly CaseComparison[]
  /** Of the model file with its external data, byte for byte; null where that is not known. */
  readonly isModelIdentical: boolean | null
  /** Null: nothing was looked at. */
  readonly inspection: CaseInspection | null
  readonly brokenBudgets: readonly BrokenBudget[]
}

/** Puts together what `diagnoseCase` takes. */
export function gatherEvidence(parts: EvidenceParts): DiagnosisEvidence {
  const { spec, comparison, related, isModelIdentical, inspection, brokenBudgets } = parts
  const profiles = {
    baseline: readProfiles(inspection?.baseline.profiles ?? []),
    candidate: readProfiles(inspection?.candidate.profiles ?? [])
  }
  const baselineGraph = readGraph(inspection?.baseline.graph ?? null)
  const candidateGraph = readGraph(inspection?.candidate.graph ?? null)
  const [before, after] = [profiles.baseline[0], profiles.candidate[0]]
  return {
    comparison,
    model: isModelIdentical === null ? 'unknown' : isModelIdentical ? 'identical' : 'different',
    settings: diffSides(spec.baseline, spec.candidate),
    graph: baselineGraph === null || candidateGraph === null ? null : diffGraphs(baselineGraph, candidateGraph),
    placement: before === undefined || after === undefined ? null : diffPlacements(before.operators, after.operators),
    operators: diffOperatorTimes(profiles),
    related,
    brokenBudgets
  }
}

function readProfiles(readings: readonly ProfileReading[]): Profile[] {
  return readings.flatMap((reading) => (reading.kind === 'read' ? [reading.profile] : []))
}

function readGraph(reading: GraphReading | null): GraphFacts | null {
  return reading?.kind === 'read' ? reading.facts : null
}
