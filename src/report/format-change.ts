import type { MetricComparison } from '#stats/verdict.ts'
import { formatBytes, formatCount, formatGrowth } from './format-quantity.ts'

/** Changes, limits and intervals as text, signed for tables and unsigned for sentences. Ratios in, percent out. */

type Unit = MetricComparison['unit']
type Scale = Pick<MetricComparison, 'unit' | 'threshold'>
/** A size may be shown without a limit beside it. */
type FreeScale = Pick<MetricComparison, 'unit'> & { readonly threshold: number | null }

/** Ends of intervals are rounded away from the estimate, so that what is shown never promises more than was found. */
type Rounding = 'nearest' | 'up' | 'down'

const MINUS = '−'
/** Decimals at most, where fewer would put a number on the wrong side of its limit. */
const DECIMALS_MAX = 3
/** Part of the last digit that counts as noise of the arithmetic. */
const TOLERANCE = 1e-6
/** From this factor on, changes are told as factors: 900 % more is 10 times. */
const FACTOR_MIN = 10
const FACTOR_MAX = 1_000
/** A larger share than this is not gained or lost by rounding: `more than 99 %`. */
const NEARLY_ALL = 0.99

/** `6.1`: one decimal below 10 %, none from there on, more where the limit would otherwise seem met or kept. */
function percentDigits(size: number, rounding: Rounding, limit: number | null): string {
  const percent = Math.abs(size * 100)
  const least = percent < 9.95 ? 1 : 0
  const decimals = limit === null ? least : decimalsBeside(percent, limit * 100, rounding, least)
  return withDecimals(roundTo(percent, decimals, rounding), decimals)
}

/** Fewest decimals with which a number stays on its side of the limit; `least` where none does. */
function decimalsBeside(percent: number, limitPercent: number, rounding: Rounding, least: number): number {
  const side = Math.sign(percent - limitPercent)
  for (let decimals = least; decimals <= DECIMALS_MAX; decimals += 1) {
    if (Math.sign(roundTo(percent, decimals, rounding) - limitPercent) === side) return decimals
  }
  return least
}

function roundTo(percent: number, decimals: number, rounding: Rounding): number {
  const scaled = percent * 10 ** decimals
  const round = { nearest: Math.round, up: Math.ceil, down: Math.floor }[rounding]
  const noise = { nearest: 0, up: -TOLERANCE, down: TOLERANCE }[rounding]
  return Math.max(0, round(scaled + noise)) / 10 ** decimals
}

function withDecimals(percent: number, decimals: number): string {
  return percent >= 100 ? formatCount(Math.round(percent)) : percent.toFixed(decimals)
}

/** `6.1 %` without a sign. */
export function formatPercent(ratio: number): string {
  return `${percentDigits(ratio, 'nearest', null)} %`
}

/** `2 %`, `0.5 %`: a limit as somebody wrote it, without trailing zeros. */
export function formatLimit({ threshold, unit }: Scale): string {
  if (unit === GROWTH) return describeGrowth(threshold)
  const digits = String(Number((threshold * 100).toPrecision(6)))
  if (unit === 'share') return digits === '1' ? '1 percentage point' : `${digits} percentage points`
  return `${digits} %`
}

/** `±2 %`, `±1 pp`, for a narrow column. */
export function formatLimitShort({ threshold, unit }: Scale): string {
  if (unit === GROWTH) return `±${formatBytes(threshold).replace(' ', '')}`
  return `±${Number((threshold * 100).toPrecision(3))} ${unit === 'share' ? 'pp' : '%'}`
}

/** `+6.1 %`, for shares `+6.1 pp` (percentage points). */
export function formatChange(change: number, scale: Scale): string {
  return formatSigned(change, 'nearest', scale)
}

/** `+5.2 % to +7.0 %`, rounded outwards. */
export function formatInterval([low, high]: readonly [number, number], scale: Scale): string {
  return `${formatSigned(low, low < 0 ? 'up' : 'down', scale)} to ${formatSigned(high, high < 0 ? 'down' : 'up', scale)}`
}

function formatSigned(signed: number, rounding: Rounding, { unit, threshold }: Scale): string {
  if (Number.isNaN(signed)) return '–'
  if (unit === GROWTH) return `${signed > 0 ? '+' : ''}${formatGrowth(signed)}`
  const change = boundShare(signed, unit)
  if (unit !== 'share' && 1 + change >= FACTOR_MIN) return formatFactor(1 + change, rounding)
  const digits = percentDigits(change, rounding, limitFor(change, unit, threshold))
  const sign = Number(digits) === 0 ? '' : change < 0 ? MINUS : '+'
  return `${sign}${digits} ${unit === 'share' ? 'pp' : '%'}`
}

/** Shares differ by 100 percentage points at most. */
function boundShare(change: number, unit: Unit): number {
  return unit === 'share' ? Math.max(-1, Math.min(change, 1)) : change
}

/** `×12`. */
function formatFactor(factor: number, rounding: Rounding): string {
  return factor > FACTOR_MAX ? `>×${formatCount(FACTOR_MAX)}` : `×${formatCount(roundTo(factor, 0, rounding))}`
}

/** Ratios are judged on the log scale, so downwards the limit is another number and rounding by it would mislead. */
function limitFor(change: number, unit: Unit, threshold: number | null): number | null {
  return change < 0 && unit !== 'share' ? null : threshold
}

/**
 * How large a change is, without direction, for a sentence: `6.1 %`, `12 times`, `more than 1,000 times`, `3.1 percentage
 * points`. Never `0.0 %`: rounded down that is `0 %`, else `less than 0.1 %` or the next larger tenth.
 */
export function describeSize(signed: number, rounding: Rounding, { unit, threshold }: FreeScale): string {
  if (unit === GROWTH) return describeGrowth(Math.abs(signed))
  const change = boundShare(signed, unit)
  const isRatio = unit !== 'share'
  if (isRatio && 1 + change >= FACTOR_MIN) return describeFactor(1 + change, rounding)
  if (isRatio && change < -NEARLY_ALL) return 'more than 99 %'
  const digits = percentDigits(change, rounding, limitFor(change, unit, threshold))
  const name = isRatio ? '%' : 'percentage points'
  if (Number(digits) !== 0) return `${digits} ${name}`
  return change === 0 || rounding === 'down' ? `0 ${name}` : `less than 0.1 ${name}`
}

/** Told in its own unit, because a growth may be nothing at all. */
const GROWTH: Unit = 'bytes/1000 requests'

function describeGrowth(bytes: number): string {
  return `${formatBytes(bytes)} per 1,000 requests`
}

function describeFactor(factor: number, rounding: Rounding): string {
  if (factor > FACTOR_MAX) return `more than ${formatCount(FACTOR_MAX)} times`
  return `${formatCount(roundTo(factor, 0, rounding))} times`
}
