import type { z } from 'zod'
import { MEASUREMENTS_FORMAT } from '#contracts/measurements.ts'
import { makePrintable } from './make-printable.ts'

type Issue = z.core.$ZodIssue
type Path = readonly PropertyKey[]

const MAX_FOUND_CHARACTERS = 60

/** What to do about a wrong value, by the key that holds it. */
const ADVICE: Readonly<Record<string, string>> = {
  format: `Set "format" to "${MEASUREMENTS_FORMAT}", or convert the file.`,
  cases: 'Give a list of cases: [{"id": "...", "blocks": [...]}].',
  id: 'Give every case a name of 1 to 500 characters.',
  thresholds: 'Give ratios such as {"p50": 0.02}, or leave the key out for the defaults.',
  blocks: 'Give a list of blocks in time order.',
  side: 'Use "baseline" or "candidate".',
  launch: 'Number the launches with whole numbers from 0.',
  quad: 'Number the quads of a launch with whole numbers from 0.',
  wallNs: 'Give the duration of the block in nanoseconds, more than 0.',
  latenciesNs: 'Give one positive number of nanoseconds per successful request and count failed ones in "errors".',
  errors: 'Give the number of failed requests, 0 when there were none.',
  scenario: 'Name the load pattern, or leave the key out for one request at a time.',
  slo: 'Give an objective such as {"percentile": "p99", "latencyMs": 50}.',
  goodput: 'Give an objective such as {"ttftMs": 200, "itlMs": 30}.',
  series: 'Give one number per successful request in each series; docs/measurements.md has the exceptions.',
  load: 'Count arrivals, late, timedOut and dropped requests; timedOut and dropped are part of "errors".'
}

/**
 * One line that says what is wrong with a value, what was found there, and what to do.
 *
 * @param root the value that was parsed; the issue's path starts there
 */
export function explainIssue(issue: Issue, root: unknown): string {
  const found = valueAt(root, issue.path)
  const key = formatPath(issue.path)
  const place = key === '' ? '' : `key ${key}: `
  return `${place}${describeProblem(issue, found)}. ${adviceFor(issue)}`.trimEnd()
}

/** The value in words: short, on one line, nothing in it that a terminal would obey. */
export function describeValue(value: unknown): string {
  if (value === undefined) return 'nothing'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object' && value !== null) return 'an object'
  const text = makePrintable(typeof value === 'string' ? JSON.stringify(value) : String(value))
  return text.length > MAX_FOUND_CHARACTERS ? `${text.slice(0, MAX_FOUND_CHARACTERS)}…` : text
}

function describeProblem(issue: Issue, found: unknown): string {
  switch (issue.code) {
    case 'invalid_type':
      return found === undefined ? 'is missing' : `expected ${nameType(issue.expected)}, found ${describeValue(found)}`
    case 'invalid_value':
      return `expected ${issue.values.map((value) => describeValue(value)).join(' or ')}, found ${describeValue(found)}`
    case 'unrecognized_keys':
      return `unknown ${issue.keys.length === 1 ? 'key' : 'keys'} ${issue.keys.slice(0, 5).map(describeValue).join(', ')}`
    case 'too_small':
      return `expected ${issue.inclusive === true ? 'at least' : 'more than'} ${limit(issue, issue.minimum)}, found ${describeValue(found)}`
    case 'too_big':
      return `expected ${issue.inclusive === true ? 'at most' : 'less than'} ${limit(issue, issue.maximum)}, found ${describeValue(found)}`
    default:
      return `${makePrintable(issue.message)}, found ${describeValue(found)}`
  }
}

function limit(issue: { readonly origin: string }, bound: number | bigint): string {
  return issue.origin === 'string' ? `${bound} characters` : String(bound)
}

function nameType(expected: string): string {
  switch (expected) {
    case 'array':
      return 'a list'
    case 'int':
      return 'a whole number'
    case 'object':
      return 'an object'
    default:
      return `a ${expected}`
  }
}

function adviceFor(issue: Issue): string {
  if (issue.code === 'unrecognized_keys') return 'Remove it, or correct its spelling.'
  if (issue.path.length === 0) return 'Expected {"format": "tailgate.measurements/1", "cases": [...]}.'
  const known = issue.path.filter((part) => typeof part === 'string' && Object.hasOwn(ADVICE, part))
  const key = known.find((part) => part === 'thresholds') ?? known.at(-1)
  return typeof key === 'string' ? (ADVICE[key] ?? '') : ''
}

/** `blocks[3].latenciesNs[7]` */
function formatPath(path: Path): string {
  let text = ''
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`
    else text += `${text === '' ? '' : '.'}${String(part)}`
  }
  return makePrintable(text)
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const part of path) {
    if (typeof value !== 'object' || value === null) return undefined
    value = Reflect.get(value, part)
  }
  return value
}
