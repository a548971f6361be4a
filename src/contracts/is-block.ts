import { type Block, findSeriesMismatch, SERIES_NAMES } from './measurements.ts'

const REQUIRED_KEYS = 6

/** Series that may hold zeros; `inferences` are whole numbers. */
const MAY_BE_ZERO: ReadonlySet<string> = new Set(['queueNs', 'rssBytes'])
const LOAD_COUNTS = ['arrivals', 'late', 'timedOut', 'dropped'] as const
const LOAD_KEYS = LOAD_COUNTS.length + 2

/**
 * Whether `Block` accepts the value as it is. The same answer as the schema's (a test compares them), at a tenth of its
 * time and without a copy: a file holds a million latencies. What this refuses goes to the schema, which says why.
 */
export function isBlock(value: unknown): value is Block {
  if (!isRecord(value)) return false
  const { side, launch, quad, wallNs, latenciesNs, errors, series, load } = value
  return (
    countKeys(value) === REQUIRED_KEYS + countPresent(value, ['series', 'load']) &&
    (side === 'baseline' || side === 'candidate') &&
    isCount(launch) &&
    isCount(quad) &&
    isPositive(wallNs) &&
    isCount(errors) &&
    Array.isArray(latenciesNs) &&
    latenciesNs.every(isPositive) &&
    (series === undefined || isSeries(series, latenciesNs.length)) &&
    (load === undefined || isLoad(load, Number(errors)))
  )
}

function isSeries(value: unknown, requests: number): boolean {
  if (!isRecord(value) || countKeys(value) !== countPresent(value, SERIES_NAMES)) return false
  return SERIES_NAMES.every((name) => isNumbers(name, value[name])) && findSeriesMismatch(requests, value) === null
}

function isNumbers(name: string, values: unknown): boolean {
  if (values === undefined) return true
  const fits = name === 'inferences' ? isCount : MAY_BE_ZERO.has(name) ? isNonNegative : isPositive
  return Array.isArray(values) && values.every(fits)
}

function isLoad(value: unknown, errors: number): boolean {
  if (!isRecord(value) || countKeys(value) !== LOAD_KEYS) return false
  const { offeredPerS, arrivals, late, timedOut, dropped, lastNs } = value
  if (!isPositive(offeredPerS) || !isNonNegative(lastNs)) return false
  return (
    LOAD_COUNTS.every((key) => isCount(value[key])) &&
    Number(late) <= Number(arrivals) &&
    Number(timedOut) + Number(dropped) <= errors
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

function countPresent(value: object, keys: readonly string[]): number {
  let count = 0
  for (const key of keys) if (key in value) count += 1
  return count
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && Number(value) >= 0
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0 && value < Number.POSITIVE_INFINITY
}

function isNonNegative(value: unknown): boolean {
  return typeof value === 'number' && value >= 0 && value < Number.POSITIVE_INFINITY
}
