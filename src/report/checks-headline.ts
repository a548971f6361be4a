import { FIRST_LOOK } from '#contracts/decision-design.ts'
import { BUDGET_FACTS } from '#src/budgets/budget-facts.ts'
import { formatAmount } from '#src/budgets/format-amount.ts'
import type { BudgetJudgement } from '#src/budgets/judge-budgets.ts'
import { describeAccuracy } from '#src/equivalence/describe-accuracy.ts'
import type { OutputReason } from '#src/equivalence/output-judgement.ts'
import { countOf, formatDigits, formatFactor, formatShare } from '#src/equivalence/sentence.ts'
import {
  type JudgedAccuracy,
  type JudgedOutputs,
  listAccuracies,
  listBudgets,
  listOutputs,
  listUncheckedOutputs
} from './failed-checks.ts'
import { fromSentence, joinSentences } from './foreign-sentence.ts'
import { formatPlural } from './format-quantity.ts'
import type { CaseChecks } from './outcome.ts'
import type { ReportModel } from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'

type News = Pick<ReportModel, 'mark' | 'headline'>

/**
 * What comes before speed, the gravest first: other answers, less accurate ones, a broken budget. Null: nothing of it. An
 * answer that is wrong is never called fast.
 */
export function describeChecksHeadline(checks: readonly CaseChecks[]): News | null {
  const [other] = listOutputs(checks, 'not_equivalent')
  if (other !== undefined) return { mark: 'not_equivalent', headline: prose`Not equivalent: ${nameDifference(other)}.` }
  const [dropped] = listAccuracies(checks, 'dropped')
  if (dropped !== undefined) return { mark: 'less_accurate', headline: describeDrop(dropped) }
  const [broken] = listBudgets(checks, 'broken')
  if (broken !== undefined) return { mark: 'over_budget', headline: describeBroken(broken) }
  return null
}

/**
 * A limit that was asked for and could not be told to be kept; null where there is none. Then the check is inconclusive,
 * whatever the speed.
 */
export function describeDoubtHeadline(checks: readonly CaseChecks[]): News | null {
  const mark = 'inconclusive'
  const [budget] = listBudgets(checks, 'undecided')
  if (budget !== undefined) return { mark, headline: describeUndecided(budget) }
  const [accuracy] = listAccuracies(checks, 'not_checked')
  if (accuracy !== undefined) {
    const why = joinSentences(describeAccuracy(accuracy.judgement).map(fromSentence))
    return { mark, headline: prose`Inconclusive: ${code(accuracy.caseId)}. ${why}` }
  }
  const [outputs] = listUncheckedOutputs(checks)
  if (outputs === undefined) return null
  return {
    mark,
    headline: prose`Inconclusive: nobody knows whether the outputs of ${code(outputs.caseId)} are the same on both sides.`
  }
}

/** What a headline about speed must not leave out: answers that differ, and accuracy that may have dropped. */
export function describeReservations(checks: readonly CaseChecks[]): RichText {
  const [differing, uncertain] = [listOutputs(checks, 'differs').length, listAccuracies(checks, 'uncertain').length]
  return [
    ...(differing === 0 ? [] : [` Outputs differ in ${formatPlural(differing, 'case')}, which is only reported.`]),
    ...(uncertain === 0 ? [] : [` Accuracy may have dropped in ${formatPlural(uncertain, 'case')}.`])
  ]
}

/** `output scores of vad/default/single_stream differs in 4.1 % of its elements, by up to 0.0134`. */
function nameDifference({ caseId, judgement }: JudgedOutputs): RichText {
  const [worst] = judgement.reasons
  return worst === undefined ? prose`the outputs of ${code(caseId)} differ` : nameReason(worst, code(caseId))
}

function nameReason(reason: OutputReason, id: ReturnType<typeof code>): RichText {
  if (reason.kind === 'tokens_differ') {
    return prose`${id} decodes other tokens: ${formatShare(reason.prefixShare)} of them are the same from the start, at least ${formatShare(reason.limit)} is asked for`
  }
  if (reason.kind === 'length_differs') {
    return prose`${id} decodes ${formatFactor(reason.ratio)} times as many tokens; ${formatFactor(reason.limits[0])} to ${formatFactor(reason.limits[1])} times is allowed`
  }
  const output = prose`output ${code(reason.output)} of ${id}`
  switch (reason.kind) {
    case 'output_missing':
      return prose`${output} is missing`
    case 'shape_differs':
      return prose`${output} changed its shape`
    case 'type_differs':
      return prose`${output} became ${reason.types.candidate}, was ${reason.types.baseline}`
    case 'not_finite':
      return prose`${output} has NaN or infinity in ${countOf(reason.elements, 'element')} where the baseline has numbers`
    case 'elements_differ':
      return prose`${output} differs${describeAmount(reason)}`
    case 'cosine_low':
      return prose`${output} differs: its cosine similarity is ${formatDigits(reason.cosine)}, at least ${formatDigits(reason.limit)} is asked for`
    case 'top1_low':
      return prose`${output} differs: ${countOf(reason.agreed, 'row')} of ${reason.rows.toLocaleString('en-US')} agree on the largest element, at least ${formatShare(reason.limit)} is asked for`
    default:
      return reason satisfies never
  }
}

function describeAmount(reason: Extract<OutputReason, { kind: 'elements_differ' }>): string {
  const share = formatShare(reason.mismatched / Math.max(1, reason.elements))
  const size = reason.maxAbsError === null ? '' : `, by up to ${formatDigits(reason.maxAbsError, 3)}`
  return ` in ${share} of its elements${size}`
}

/** The numbers of both sides; how much worse that is stands below. */
function describeDrop({ caseId, judgement }: JudgedAccuracy): RichText {
  const [numbers = [], , reason] = describeAccuracy(judgement).map(fromSentence)
  return prose`Less accurate: ${code(caseId)}. ${joinSentences(reason === undefined ? [numbers] : [numbers, reason])}`
}

/** `Over budget: p99 of a is 21.3 ms (20.4 ms to 22.2 ms); your budget is at most 20 ms; the baseline keeps it.` */
function describeBroken(budget: BudgetJudgement): RichText {
  const { caseId, name, unit, candidate, baseline } = budget
  const format = (level: number) => formatAmount(level, unit)
  const level =
    candidate === null
      ? 'beyond it'
      : `${format(candidate.value)} (${format(candidate.low)} to ${format(candidate.high)})`
  const before = BEFORE[baseline?.verdict ?? 'undecided']
  return prose`Over budget: ${BUDGET_FACTS[name].subject} of ${code(caseId)} is ${level}; ${sayLimit(budget)}${before}.`
}

/** `Inconclusive: p99 of a may be anything from 19 ms to 20.6 ms; your budget is at most 20 ms.` */
function describeUndecided(budget: BudgetJudgement): RichText {
  const { caseId, name, unit, candidate, reason, rounds } = budget
  const format = (level: number) => formatAmount(level, unit)
  const level =
    candidate === null
      ? 'was not measured'
      : `may be anything from ${format(candidate.low)} to ${format(candidate.high)}`
  const why = reason === 'too_few_rounds' ? ` after ${rounds} of ${FIRST_LOOK} rounds` : ''
  const besides = reason === null ? '' : OBSTACLES[reason]
  return prose`Inconclusive: ${BUDGET_FACTS[name].subject} of ${code(caseId)} ${level}${why}; ${sayLimit(budget)}${besides}.`
}

const OBSTACLES: Readonly<Record<NonNullable<BudgetJudgement['reason']>, string>> = {
  straddles_limit: '',
  too_few_rounds: '',
  not_measured: '',
  outside_ramp: '; the ramp offers no such rate',
  environment: '; the machine was disturbed'
}

function sayLimit({ kind, limit, unit }: BudgetJudgement): string {
  return `your budget is ${kind === 'ceiling' ? 'at most' : 'at least'} ${formatAmount(limit, unit)}`
}

const BEFORE: Readonly<Record<BudgetJudgement['verdict'], string>> = {
  kept: '; the baseline keeps it',
  broken: ', which the baseline breaks, too',
  undecided: ''
}
