import type { ModelFacts } from '#contracts/benchmark-result.ts'
import type { Side } from '#contracts/identifiers.ts'

/**
 * Whether both sides load the same bytes: the file, and in the order of their paths the files that it keeps data in. Their
 * paths do not count, so that a model that was moved is the same.
 */
export function isSameModel(models: Readonly<Record<Side, ModelFacts>>): boolean {
  const { baseline, candidate } = models
  return baseline.sha256 === candidate.sha256 && isSameData(baseline, candidate)
}

/** Whether both keep the same bytes in other files. */
export function isSameData(one: ModelFacts, other: ModelFacts): boolean {
  return listDigests(one) === listDigests(other)
}

function listDigests({ externalData }: ModelFacts): string {
  const byPath = externalData.toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)))
  return byPath.map((file) => file.sha256).join(' ')
}
