import { FIRST_LOOK } from '#contracts/decision-design.ts'
import { BUDGET_FACTS } from '#src/budgets/budget-facts.ts'
import { formatAmount } from '#src/budgets/format-amount.ts'
import type { BudgetJudgement } from '#src/budgets/judge-budgets.ts'
import { listBudgets } from './failed-checks.ts'
import { formatPlural } from './format-quantity.ts'
import type { CaseChecks } from './outcome.ts'
import type { ReportBudget } from './report-parts.ts'
import type { RichText } from './rich-text.ts'

interface Budgets {
  /** Broken and undecided ones, the worst first. */
  readonly budgetRows: readonly ReportBudget[]
  readonly keptBudgetRows: readonly ReportBudget[]
  readonly notes: readonly RichText[]
}

/** All absolute limits as rows; those that are kept stand apart, and one line counts them. */
export function describeBudgets(checks: readonly CaseChecks[]): Budgets {
  const [broken, undecided, kept] = [
    listBudgets(checks, 'broken'),
    listBudgets(checks, 'undecided'),
    listBudgets(checks, 'kept')
  ]
  const all = broken.length + undecided.length + kept.length
  const counts = [
    ...(broken.length === 0 ? [] : [`${broken.length} broken`]),
    ...(undecided.length === 0 ? [] : [`${undecided.length} undecided`]),
    ...(kept.length === 0 ? [] : [`${kept.length} kept`])
  ]
  const note = kept.length === all ? `${formatPlural(all, 'budget')} kept.` : `Budgets: ${counts.join(', ')}.`
  return {
    budgetRows: [...broken, ...undecided].map(formatBudget),
    keptBudgetRows: kept.map(formatBudget),
    notes: all === 0 ? [] : [[note]]
  }
}

function formatBudget(judgement: BudgetJudgement): ReportBudget {
  const { caseId, name, unit, kind, limit, candidate, baseline, verdict } = judgement
  const format = (level: number) => formatAmount(level, unit)
  return {
    caseId,
    budget: BUDGET_FACTS[name].subject,
    limit: `${kind === 'ceiling' ? '≤' : '≥'} ${format(limit)}`,
    baseline: baseline === null ? '–' : format(baseline.value),
    candidate: candidate === null ? '–' : format(candidate.value),
    interval: candidate === null ? '–' : `${format(candidate.low)} to ${format(candidate.high)}`,
    verdict,
    verdictText: nameVerdict(judgement)
  }
}

function nameVerdict({ verdict, reason, rounds, baseline }: BudgetJudgement): string {
  if (verdict === 'broken') return baseline?.verdict === 'broken' ? 'broken, by the baseline too' : 'broken'
  if (verdict === 'kept') return 'kept'
  switch (reason) {
    case 'too_few_rounds':
      return `undecided: ${rounds} of ${FIRST_LOOK} rounds`
    case 'not_measured':
      return 'undecided: not measured'
    case 'outside_ramp':
      return 'undecided: outside the ramp'
    case 'environment':
      return 'undecided: machine disturbed'
    case 'straddles_limit':
    case null:
      return 'undecided: too near the limit'
    default:
      return reason satisfies never
  }
}
