import { describeCaseEnvironment } from '#src/environment/describe-environment.ts'
import { joinSentences } from './foreign-sentence.ts'
import { type CaseText, groupCases } from './group-cases.ts'
import type { CaseChecks } from './outcome.ts'
import type { RichText } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/** Of one case; there are no more kinds of them than this. */
const SENTENCES_MAX = 10
const GRAVITY = { refused: 0, inconclusive: 1, usable: 2 } as const

/** What the machine did while it measured: rounds thrown away and why, and what a reader should know. Gravest first. */
export function describeMachine(checks: readonly CaseChecks[]): readonly RichText[] {
  const told = checks.flatMap(({ caseId, environment }) => (environment === null ? [] : [{ caseId, environment }]))
  const sorted = told.toSorted((a, b) => GRAVITY[a.environment.kind] - GRAVITY[b.environment.kind])
  const texts = sorted.flatMap(({ caseId, environment }): readonly CaseText[] => {
    const sentences = describeCaseEnvironment(environment).slice(0, SENTENCES_MAX)
    return sentences.length === 0 ? [] : [{ caseId, text: joinSentences(sentences.map(proseFromUntrusted)) }]
  })
  return groupCases(texts)
}
