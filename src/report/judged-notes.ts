import { warnOfSaturation } from '#stats/scenario-facts.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { warnOfCalibration } from './describe-calibration.ts'
import { listAccuracies, listBudgets, listOutputs } from './failed-checks.ts'
import { describeFailingMore, listFailingMore } from './failing-requests.ts'
import { joinSentences } from './foreign-sentence.ts'
import { formatPlural } from './format-quantity.ts'
import { groupCases } from './group-cases.ts'
import type { CaseChecks, RunIdentity } from './outcome.ts'
import { code, joinList, prose, type RichText } from './rich-text.ts'
import { isNewModel, type Judged, listUnmeasured } from './unmeasured.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

const POLICY_EDITS_SHOWN_MAX = 10
const CAVEATS_SHOWN_MAX = 3

/**
 * The lines under the headline: how the cases fared, what puts numbers in doubt, and how the gate stands.
 *
 * @param checked one sentence each about answers, budgets and cost
 */
export function describeNotes(
  { baseRef }: RunIdentity,
  outcome: Judged,
  checked: readonly RichText[]
): readonly RichText[] {
  const untrusted = warnOfCalibration(outcome.result.calibration)
  const notes: RichText[] = [
    ...(untrusted === null ? [] : [untrusted]),
    joinSentences([[countVerdicts(outcome)], ...checked])
  ]
  notes.push(...describeCaveats(outcome))
  if (outcome.gate === 'advisory') {
    notes.push(
      prose`The gate is advisory on ${code(baseRef)}: ${WHAT_PASSES[outcome.checks.length === 0 ? 'speed' : 'all']} block the merge.`
    )
  }
  if (outcome.policyEdits.length > 0) {
    const shown = outcome.policyEdits.slice(0, POLICY_EDITS_SHOWN_MAX).map((key) => [code(key)])
    const more = outcome.policyEdits.length - shown.length
    const keys = more > 0 ? joinList([...shown, [`${more} more`]]) : joinList(shown)
    notes.push(prose`This pull request edits how changes are judged (${keys}). The edit is not applied until merged.`)
  }
  return notes
}

/** What an advisory gate lets through. */
const WHAT_PASSES = {
  speed: 'neither a regression nor failing requests',
  all: 'neither other answers nor budgets, regressions or failing requests'
} as const

/** Failing requests that the headline does not tell of, and what the worker warns about: they put numbers in doubt. */
function describeCaveats({ comparison, measured }: Judged): readonly RichText[] {
  const failing = listFailingMore(comparison.cases)
  const told = comparison.verdict === 'inconclusive' ? 1 : 0
  const notes = failing.slice(told, CAVEATS_SHOWN_MAX).map((item) => prose`${describeFailingMore(item)}.`)
  notes.push(...tellSaturation(comparison.cases))
  const byWarning = new Map<string, string[]>()
  for (const { caseId, warnings } of measured) {
    for (const warning of warnings) byWarning.set(warning, [...(byWarning.get(warning) ?? []), caseId])
  }
  for (const [warning, [first = '', ...others]] of [...byWarning].slice(0, CAVEATS_SHOWN_MAX)) {
    const more = others.length === 0 ? '' : ` and ${formatPlural(others.length, 'other case')}`
    notes.push(prose`Warning for ${code(first)}${more}: ${proseFromUntrusted(warning)}`)
  }
  const left = byWarning.size - CAVEATS_SHOWN_MAX
  if (left > 0) notes.push([`${formatPlural(left, 'more warning')} below.`])
  return notes
}

/** Latencies of a side that does not keep up say how long the load was, so this stands open. */
function tellSaturation(cases: readonly CaseComparison[]): readonly RichText[] {
  const told = cases.flatMap(({ id, facts }) =>
    facts === undefined ? [] : warnOfSaturation(facts).map((warning) => ({ caseId: id, text: [warning] }))
  )
  return groupCases(told).slice(0, CAVEATS_SHOWN_MAX)
}

/** `Cases: 1 not equivalent, 1 over budget, 2 regressions, 3 unchanged.` Each case counts once, as the gravest that it is. */
function countVerdicts(outcome: Judged): string {
  const { comparison, checks, skipped } = outcome
  const standings = comparison.cases.map((item) => standingOf(item, checks))
  const count = (standing: Standing) => standings.filter((item) => item === standing).length
  const unmeasured = listUnmeasured(outcome).filter(({ caseId }) => caseId !== null)
  const fresh = unmeasured.filter(isNewModel).length
  const counts: readonly (readonly [count: number, word: string])[] = [
    [listOutputs(checks, 'not_equivalent').length, 'not equivalent'],
    [count('less_accurate'), 'less accurate'],
    [count('over_budget'), 'over budget'],
    [count('regression'), count('regression') === 1 ? 'regression' : 'regressions'],
    [unmeasured.length - fresh, 'not measured'],
    [count('inconclusive'), 'inconclusive'],
    [count('unchanged'), 'unchanged'],
    [count('improvement'), count('improvement') === 1 ? 'improvement' : 'improvements'],
    [fresh, 'new'],
    [skipped.length, 'skipped']
  ]
  const shown = counts.filter(([number]) => number > 0).map(([number, word]) => `${number} ${word}`)
  return shown.length === 0 ? 'No cases.' : `Cases: ${shown.join(', ')}.`
}

type Standing = CaseComparison['verdict'] | 'less_accurate' | 'over_budget'

/** A case that answers worse or breaks a budget is not counted by its speed. */
function standingOf({ id, verdict }: CaseComparison, checks: readonly CaseChecks[]): Standing {
  const ofCase = checks.filter(({ caseId }) => caseId === id)
  if (listAccuracies(ofCase, 'dropped').length > 0) return 'less_accurate'
  return listBudgets(ofCase, 'broken').length > 0 ? 'over_budget' : verdict
}
