import { describeCaseEnvironment } from '#src/environment/describe-environment.ts'
import { type CaseText, groupCases } from './group-cases.ts'
import type { CaseChecks } from './outcome.ts'
import type { RichText } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

const GRAVITY = { refused: 0, inconclusive: 1, usable: 2 } as const

/** What the machine did while it measured: rounds thrown away and why, and what a reader should know. Gravest first. */
export function describeMachine(checks: readonly CaseChecks[]): readonly RichText[] {
  const told = checks.flatMap(({ caseId, environment }) => (environment === null ? [] : [{ caseId, environment }]))
  const sorted = told.toSorted((a, b) => GRAVITY[a.environment.kind] - GRAVITY[b.environment.kind])
  const texts = sorted.flatMap(({ caseId, environment }): readonly CaseText[] =>
    describeCaseEnvironment(environment).map((sentence) => ({ caseId, text: proseFromUntrusted(sentence) }))
  )
  return groupCases(texts)
}
