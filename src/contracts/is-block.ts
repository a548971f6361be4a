import type { Block } from './measurements.ts'

const BLOCK_KEYS = 6

/**
 * Whether `Block` accepts the value as it is. The same answer as the schema's (a test compares them), at a tenth of its
 * time and without a copy: a file holds a million latencies. What this refuses goes to the schema, which says why.
 */
export function isBlock(value: unknown): value is Block {
  if (!isRecord(value) || countKeys(value) !== BLOCK_KEYS) return false
  const { side, launch, quad, wallNs, latenciesNs, errors } = value
  return (
    (side === 'baseline' || side === 'candidate') &&
    isCount(launch) &&
    isCount(quad) &&
    isPositive(wallNs) &&
    isCount(errors) &&
    Array.isArray(latenciesNs) &&
    latenciesNs.every(isPositive)
  )
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function countKeys(value: object): number {
  let count = 0
  for (const _ in value) count += 1
  return count
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY
}
