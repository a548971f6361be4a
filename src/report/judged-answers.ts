import { describeAccuracy } from '#src/equivalence/describe-accuracy.ts'
import { describeEquivalence } from '#src/equivalence/describe-equivalence.ts'
import type { AccuracyJudgement } from '#src/equivalence/judge-accuracy.ts'
import type { OutputJudgement } from '#src/equivalence/output-judgement.ts'
import { listAccuracies, listOutputs } from './failed-checks.ts'
import { fromSentence, joinSentences } from './foreign-sentence.ts'
import { formatCount, formatPlural } from './format-quantity.ts'
import { type CaseText, groupCases } from './group-cases.ts'
import type { CaseChecks } from './outcome.ts'
import type { ReportPoints } from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'

/** Differences that are told of one case; the worst come first. */
const POINTS_MAX = 4

interface Answers {
  /** What asks for attention. */
  readonly answers: readonly ReportPoints[]
  /** One line each where all is well. */
  readonly notes: readonly RichText[]
  /** What the baseline does, and other things that change no verdict. */
  readonly remarks: readonly RichText[]
}

/** What was found out about the answers of both sides: the gravest first, and one line where they agree. */
export function describeAnswers(checks: readonly CaseChecks[]): Answers {
  return {
    answers: [
      ...listOutputs(checks, 'not_equivalent').map(({ caseId, judgement }) => tellOutputs(caseId, judgement)),
      ...listAccuracies(checks, 'dropped').map(({ caseId, judgement }) => tellAccuracy(caseId, judgement)),
      ...listAccuracies(checks, 'uncertain').map(({ caseId, judgement }) => tellAccuracy(caseId, judgement)),
      ...listOutputs(checks, 'differs').map(({ caseId, judgement }) => tellOutputs(caseId, judgement)),
      ...tellUnchecked(checks)
    ],
    notes: [...noteOutputs(checks), ...noteAccuracies(checks)],
    remarks: listOutputs(checks, 'equivalent').flatMap(({ caseId, judgement }) =>
      tellNotes(judgement).map((note) => prose`${code(caseId)}: ${note}`)
    )
  }
}

/** `Outputs agree on 16 samples.` */
function noteOutputs(checks: readonly CaseChecks[]): readonly RichText[] {
  const equal = listOutputs(checks, 'equivalent')
  const off = listOutputs(checks, 'not_checked').filter(({ judgement }) => judgement.mode === 'off')
  const notes: RichText[] = []
  if (equal.length > 0) {
    const counts = equal.map(({ judgement }) => judgement.samples)
    const [least, most] = [Math.min(...counts), Math.max(...counts)]
    const samples =
      least === most ? formatPlural(most, 'sample') : `${formatCount(least)} to ${formatCount(most)} samples`
    const where = checks.length === 1 ? '' : ` in ${formatPlural(equal.length, 'case')}`
    notes.push([`Outputs agree on ${samples}${where}.`])
  }
  if (off.length > 0) notes.push(['Outputs were not compared: the configuration switches it off.'])
  return notes
}

function noteAccuracies(checks: readonly CaseChecks[]): readonly RichText[] {
  const passed = listAccuracies(checks, 'passed')
  const [only] = passed
  if (only === undefined) return []
  if (passed.length > 1) return [[`Accuracy holds in ${formatPlural(passed.length, 'case')}.`]]
  return [prose`${code(only.caseId)}: ${joinSentences(describeAccuracy(only.judgement).map(fromSentence))}`]
}

function tellOutputs(caseId: string, judgement: OutputJudgement): ReportPoints {
  const [verdict = [], ...others] = describeEquivalence(judgement).map(fromSentence)
  const reasons = others.slice(0, judgement.reasons.length)
  const shown = reasons.slice(0, POINTS_MAX)
  const more = reasons.length - shown.length
  return {
    lead: prose`${code(caseId)}: ${verdict}`,
    points: [...shown, ...(more === 0 ? [] : [[`${formatPlural(more, 'more difference')}.`]]), ...tellNotes(judgement)]
  }
}

function tellNotes(judgement: OutputJudgement): readonly RichText[] {
  const notes = describeEquivalence(judgement).slice(1 + judgement.reasons.length)
  return notes.slice(0, POINTS_MAX).map(fromSentence)
}

function tellAccuracy(caseId: string, judgement: AccuracyJudgement): ReportPoints {
  return { lead: prose`${code(caseId)}: ${joinSentences(describeAccuracy(judgement).map(fromSentence))}`, points: [] }
}

/** Silence is not a pass: what could not be checked is said, once for all cases with the same cause. */
function tellUnchecked(checks: readonly CaseChecks[]): readonly ReportPoints[] {
  const outputs = listOutputs(checks, 'not_checked').filter(({ judgement }) => judgement.mode !== 'off')
  const texts: readonly CaseText[] = [
    ...outputs.map(({ caseId, judgement }) => ({
      caseId,
      text: joinSentences(
        describeEquivalence(judgement)
          .slice(0, 1 + POINTS_MAX)
          .map(fromSentence)
      )
    })),
    ...listAccuracies(checks, 'not_checked').map(({ caseId, judgement }) => ({
      caseId,
      text: joinSentences(describeAccuracy(judgement).map(fromSentence))
    }))
  ]
  return groupCases(texts).map((lead) => ({ lead, points: [] }))
}
