import { listAccuracies, listBudgets, listOutputs } from './failed-checks.ts'
import type { CaseChecks } from './outcome.ts'
import { code, prose, type RichText } from './rich-text.ts'

const OWN_PULL_REQUEST = 'on the base branch in a pull request of its own'

/** What to do about answers, budgets and the machine, in plain words; the gravest first. */
export function adviseOnChecks(checks: readonly CaseChecks[]): readonly RichText[] {
  const steps: RichText[] = []
  if (listOutputs(checks, 'not_equivalent').length > 0) {
    steps.push(
      ['Find out why the outputs above differ before looking at speed.'],
      prose`If they may differ, widen the tolerance (${code('equivalence')}) ${OWN_PULL_REQUEST}.`
    )
  }
  if (listAccuracies(checks, 'dropped').length > 0) {
    steps.push(
      prose`Make the candidate as accurate as before, or allow a larger drop (${code('accuracy')}) ${OWN_PULL_REQUEST}.`
    )
  }
  if (listBudgets(checks, 'broken').length > 0) {
    steps.push(
      prose`Make the cases above keep their budgets, or change the budgets (${code('budgets')}) ${OWN_PULL_REQUEST}.`
    )
  }
  if (listAccuracies(checks, 'uncertain').length > 0) {
    steps.push(['To know whether accuracy dropped, label more samples.'])
  }
  if (listOutputs(checks, 'differs').length > 0)
    steps.push(['Look at the outputs that differ: they do not block the merge.'])
  return [...steps, ...adviseOnUndecided(checks), ...adviseOnUnchecked(checks)]
}

function adviseOnUndecided(checks: readonly CaseChecks[]): readonly RichText[] {
  const undecided = listBudgets(checks, 'undecided')
  const isAny = (reason: (typeof undecided)[number]['reason']) => undecided.some((budget) => budget.reason === reason)
  return [
    ...(isAny('straddles_limit') || isAny('too_few_rounds')
      ? [
          prose`A budget near its limit takes more rounds to decide: set ${code('measuring.max_rounds')} higher on the base branch.`
        ]
      : []),
    ...(isAny('outside_ramp')
      ? [prose`Let the ramp reach the rate that its budget asks for (${code('budgets')}).`]
      : []),
    ...(isAny('not_measured') ? [['Remove a budget of what cannot be measured here, or measure it elsewhere.']] : []),
    ...(isAny('environment')
      ? [['Keep other work off the machine, then re-run the check: its budgets are undecided.']]
      : [])
  ]
}

function adviseOnUnchecked(checks: readonly CaseChecks[]): readonly RichText[] {
  const isRefused = checks.some(({ environment }) => environment?.kind === 'refused')
  return [
    ...(listAccuracies(checks, 'not_checked').length > 0 ? [['Repair what kept accuracy from being checked.']] : []),
    ...(isRefused ? [['Stop the other programs on the GPU, then re-run the check.']] : [])
  ]
}
