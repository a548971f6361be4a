import { UsageError } from '../exit-codes.ts'
import { type Injection, injectionId, parseInjection } from './injection.ts'

/** As commander hands them over. */
export interface CalibrateFlags {
  readonly repo?: string
  readonly ref?: string
  readonly comparisons?: string
  readonly roundSeconds?: string
  readonly cases?: readonly string[]
  readonly inject?: readonly string[]
  readonly wait?: boolean
  readonly json?: string
  readonly measurements?: string
}

export interface CalibrateOptions {
  readonly comparisons: number | null
  readonly roundMs: number | null
  readonly injections: readonly Injection[]
}

/** A job has at most 1000 rounds, a comparison six. */
const MAX_COMPARISONS = 166
const MIN_ROUND_S = 0.2
const MAX_ROUND_S = 600

/** @throws {UsageError} */
export function readCalibrateOptions(flags: CalibrateFlags): CalibrateOptions {
  if (flags.ref !== undefined && flags.repo === undefined) {
    throw new UsageError(`--ref: ${flags.ref} names a commit of a repository. Give the repository too: --repo DIR.`)
  }
  const injections = (flags.inject ?? []).map(parseInjection)
  const ids = injections.map(injectionId)
  const repeated = ids.find((id, index) => ids.indexOf(id) !== index)
  if (repeated !== undefined) throw new UsageError(`--inject: ${repeated} is given twice. Give each slowdown once.`)
  return {
    comparisons: flags.comparisons === undefined ? null : readComparisons(flags.comparisons),
    roundMs: flags.roundSeconds === undefined ? null : readRoundMs(flags.roundSeconds),
    injections
  }
}

function readComparisons(text: string): number {
  const comparisons = Number(text)
  if (/^\d+$/.test(text) && comparisons >= 1 && comparisons <= MAX_COMPARISONS) return comparisons
  throw new UsageError(`--comparisons: "${text}" is no whole number between 1 and ${MAX_COMPARISONS}.`)
}

function readRoundMs(text: string): number {
  const seconds = Number(text)
  if (/^\d*\.?\d+$/.test(text) && seconds >= MIN_ROUND_S && seconds <= MAX_ROUND_S) return Math.round(1000 * seconds)
  throw new UsageError(`--round-seconds: "${text}" is no number of seconds between ${MIN_ROUND_S} and ${MAX_ROUND_S}.`)
}
