import type { z } from 'zod'
import { closestWord } from './closest-word.ts'
import { describeExpectation, knownKeys, listWords, optionAt } from './describe-option.ts'

/** A problem before its line is known. */
export interface Finding {
  readonly path: readonly PropertyKey[]
  readonly message: string
}

/** One more than is shown of all problems, so that the rest is known to exist. */
const MAX_KEYS = 101

/** Turns one Zod issue into findings that say what was found, what is expected and what to do. */
export function describeIssue(root: z.ZodType, data: unknown, issue: z.core.$ZodIssue): readonly Finding[] {
  if (issue.code === 'unrecognized_keys') {
    const valid = knownKeys(optionAt(root, issue.path) ?? root)
    return issue.keys
      .slice(0, MAX_KEYS)
      .map((key) => ({ path: [...issue.path, key], message: describeUnknownKey(key, valid) }))
  }
  const option = optionAt(root, issue.path)
  if (issue.code === 'invalid_key') {
    return [{ path: issue.path, message: describeBadKey(root, issue.path) }]
  }
  const expected = option === null ? 'something else' : describeExpectation(option)
  const value = valueAt(data, issue.path)
  if (value === undefined) return [{ path: issue.path, message: `required key is missing; expected ${expected}` }]
  return [
    {
      path: issue.path,
      message: `expected ${expected}, found ${describeFound(value)}${suggestFix(issue, value, expected)}`
    }
  ]
}

function describeUnknownKey(key: string, valid: readonly string[]): string {
  if (valid.length === 0) return 'unknown key; no keys are possible here'
  const closest = closestWord(key, valid)
  const question = closest === null ? '' : ` did you mean "${closest}"?`
  return `unknown key;${question} possible here: ${valid.join(', ')}`
}

function describeBadKey(root: z.ZodType, path: readonly PropertyKey[]): string {
  const record = optionAt(root, path.slice(0, -1))
  const keyType = record !== null && isRecord(record) ? record.keyType : null
  const expected = keyType === null ? 'another name' : describeExpectation(keyType)
  return `this name is not possible here; expected ${expected}`
}

function isRecord(schema: z.core.$ZodType): schema is z.ZodRecord {
  return schema._zod.def.type === 'record'
}

function valueAt(data: unknown, path: readonly PropertyKey[]): unknown {
  let value = data
  for (const step of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return undefined
    value = Reflect.get(value, step)
  }
  return value
}

const MAX_SHOWN_CHARACTERS = 60

/** What stands in the file, short enough for one line. Text is quoted, so that `"4"` and `4` differ. */
function describeFound(value: unknown): string {
  if (value === null) return 'nothing'
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${countItems(value.length)}`
  if (typeof value === 'object') return describeFoundMapping(Object.keys(value))
  if (typeof value !== 'string') return String(value)
  const shown = value.length <= MAX_SHOWN_CHARACTERS ? value : `${value.slice(0, MAX_SHOWN_CHARACTERS)}…`
  const length = value.length <= MAX_SHOWN_CHARACTERS ? '' : ` (${value.length} characters)`
  return `the text ${JSON.stringify(shown)}${length}`
}

function countItems(count: number): string {
  return count === 1 ? '1 item' : `${count} items`
}

function describeFoundMapping(keys: readonly string[]): string {
  if (keys.length === 0) return 'an empty mapping'
  return keys.length === 1 ? 'a mapping with 1 key' : `a mapping with ${keys.length} keys`
}

/** A remedy where the mistake is a known one; it starts with its own separator. */
function suggestFix(issue: z.core.$ZodIssue, value: unknown, expected: string): string {
  if (value === null) return suggestForNothing(expected)
  if (expected.startsWith('a percentage') && typeof value === 'number') return `; write ${asPercentage(value)}`
  if (isQuotedNumber(expected, value)) return '; remove the quotes'
  if (issue.code === 'invalid_value' && typeof value === 'string') return suggestWord(value, issue.values.map(String))
  return ''
}

function suggestForNothing(expected: string): string {
  if (expected.startsWith('an empty mapping')) return '; write {}'
  return expected.startsWith('a mapping') ? '; write {} to take the defaults' : ''
}

function suggestWord(word: string, possible: readonly string[]): string {
  const closest = closestWord(word, possible)
  return closest === null ? '' : `; did you mean "${closest}"?`
}

/** Below 1 it was most likely meant as a ratio. */
function asPercentage(value: number): string {
  return `${value > 0 && value < 1 ? Number((value * 100).toPrecision(6)) : Math.abs(value)}%`
}

function isQuotedNumber(expected: string, value: unknown): boolean {
  const wantsNumber = /^(?:a whole number|a number|\d)/.test(expected)
  return wantsNumber && typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value)
}

/** For messages that name what exists: `"a", "b" or "c"`, at most ten of them. */
export function quoteNames(names: readonly string[]): string {
  const shown = names.slice(0, 10).map((name) => JSON.stringify(name))
  return names.length > 10 ? `${shown.join(', ')} …` : listWords(shown)
}
