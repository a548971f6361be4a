import { closestWord } from './closest-word.ts'
import { type Finding, quoteNames } from './describe-issue.ts'

/** A finding when a model is named that is not listed. */
export function findUnknownModel(
  path: readonly PropertyKey[],
  id: string,
  known: readonly string[]
): readonly Finding[] {
  if (known.includes(id)) return []
  const closest = closestWord(id, known)
  const question = closest === null ? '' : ` did you mean "${closest}"?`
  return [{ path, message: `there is no model "${id}";${question} listed under models: ${quoteNames(known)}` }]
}
