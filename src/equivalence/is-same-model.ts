import type { ModelFacts } from '#contracts/benchmark-result.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'

/**
 * Whether both sides load the same bytes: the file, and in the order of their paths the files that it keeps data in. Their
 * paths do not count, so that a model that was moved is the same.
 */
export function isSameModel(models: Readonly<Record<Side, ModelFacts>>): boolean {
  const [baseline, candidate] = SIDES.map((side) => listDigests(models[side]))
  return baseline === candidate
}

function listDigests({ sha256, externalData }: ModelFacts): string {
  const byPath = externalData.toSorted((a, b) => (a.path < b.path ? -1 : Number(a.path > b.path)))
  return [sha256, ...byPath.map((file) => file.sha256)].join(' ')
}
