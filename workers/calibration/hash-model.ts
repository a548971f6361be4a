import { createHash } from 'node:crypto'
import type { ModelFacts } from '#contracts/benchmark-result.ts'

/** Of all files of a model together. A model in one file has the hash of that file. */
export function hashModel({ sha256, externalData }: ModelFacts): string {
  if (externalData.length === 0) return sha256
  const lines = externalData.map((file) => `${file.sha256} ${file.path}`).sort()
  return createHash('sha256')
    .update([sha256, ...lines].join('\n'))
    .digest('hex')
}
