import { toPlainText } from './clean-text.ts'
import { formatPlural } from './format-quantity.ts'
import { code, joinList, prose, type RichText } from './rich-text.ts'

const CASES_NAMED_MAX = 3

/** Something to be said of a case. */
export interface CaseText {
  readonly caseId: string
  readonly text: RichText
}

/** What is the same for several cases is said once: `a`, `b` and 3 other cases. In the order of first mention. */
export function groupCases(texts: readonly CaseText[]): readonly RichText[] {
  const groups = Map.groupBy(texts, ({ text }) => toPlainText(text))
  return [...groups.values()].map((group) => {
    const [first] = group
    return first === undefined ? [] : prose`${nameCases(group.map(({ caseId }) => caseId))}: ${first.text}`
  })
}

/** `a` and `b`, or `a`, `b`, `c` and 4 other cases. */
export function nameCases(caseIds: readonly string[]): RichText {
  const ids = [...new Set(caseIds)]
  const named = ids.slice(0, CASES_NAMED_MAX).map((id) => [code(id)])
  const others = ids.length - named.length
  return joinList(others === 0 ? named : [...named, [formatPlural(others, 'other case')]])
}
