import type { Diagnosis, Finding } from '#src/diagnose/diagnosis.ts'
import type { OperatorTimeDiff } from '#src/diagnose/diff-operator-times.ts'
import type { CaseEnvironmentOutcome } from '#src/environment/judge-case-environment.ts'
import type { OutputJudgement } from '#src/equivalence/output-judgement.ts'
import type { CaseChecks } from '#src/report/outcome.ts'

/** Outcomes are stored with every run, and names in them come from foreign code: more than this tells a reader no more. */
const REASONS_MAX = 20
const NOTES_MAX = 20
const DISCARDED_MAX = 100
/** Characters of JSON that one list of a diagnosis may have. */
const LIST_CHARACTERS_MAX = 16_384

/** The same checks, the lists in them cut. All are sorted with the worst first. */
export function trimChecks(checks: CaseChecks): CaseChecks {
  const { equivalence, environment, diagnosis } = checks
  return {
    ...checks,
    equivalence: equivalence === null ? null : trimEquivalence(equivalence),
    environment: environment === null ? null : trimEnvironment(environment),
    diagnosis: diagnosis === null ? null : trimDiagnosis(diagnosis)
  }
}

function trimEquivalence(judgement: OutputJudgement): OutputJudgement {
  const { reasons, notes } = judgement
  const shown = notes.slice(0, NOTES_MAX)
  if (reasons.length <= REASONS_MAX) return { ...judgement, notes: shown }
  return {
    ...judgement,
    reasons: reasons.slice(0, REASONS_MAX),
    notes: [...shown, { kind: 'reasons_left_out', reasons: reasons.length - REASONS_MAX }]
  }
}

function trimEnvironment(outcome: CaseEnvironmentOutcome): CaseEnvironmentOutcome {
  if (outcome.kind === 'refused') return outcome
  return { ...outcome, discarded: outcome.discarded.slice(0, DISCARDED_MAX) }
}

function trimDiagnosis({ findings }: Diagnosis): Diagnosis {
  return { findings: findings.map(trimFinding) }
}

function trimFinding(finding: Finding): Finding {
  switch (finding.kind) {
    case 'graph_changed': {
      const changes = takeWithin(finding.diff.changes)
      const isPartial = finding.diff.isPartial || changes.length < finding.diff.changes.length
      return { ...finding, diff: { ...finding.diff, changes, isPartial } }
    }
    case 'placement_changed': {
      const { moves, providers } = finding.diff
      return { ...finding, diff: { moves: takeWithin(moves), providers: takeWithin(providers) } }
    }
    case 'operators_changed':
    case 'operators_alike':
    case 'profile_disagrees':
      return { ...finding, diff: trimOperators(finding.diff) }
    default:
      return finding
  }
}

function trimOperators(diff: OperatorTimeDiff): OperatorTimeDiff {
  return { ...diff, contributors: takeWithin(diff.contributors) }
}

/** As many of the first items as there is room for. */
function takeWithin<Item>(items: readonly Item[]): readonly Item[] {
  let characters = 0
  const end = items.findIndex((item) => {
    characters += JSON.stringify(item).length
    return characters > LIST_CHARACTERS_MAX
  })
  return end === -1 ? items : items.slice(0, end)
}
