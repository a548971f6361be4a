import type { MetricUnit } from '#contracts/metric.ts'
import { BYTES_PER_GIB, MS_PER_MINUTE, MS_PER_S, NS_PER_MS, NS_PER_S, NS_PER_US } from '#contracts/units.ts'
import type { MetricComparison } from '#stats/verdict.ts'

/**
 * Quantities get their units here, changes in format-change.ts. Everything before is in nanoseconds, requests per second
 * and ratios.
 */

/** Beside each other in a row, two latencies further apart than this get their own units. */
const SAME_UNIT_MAX_RATIO = 1_000
/** From here on numbers are written as powers of ten. */
const DIGITS_MAX = 1e12

interface LatencyUnit {
  readonly name: string
  readonly ns: number
}

const LATENCY_UNITS: readonly LatencyUnit[] = [
  { name: 's', ns: NS_PER_S },
  { name: 'ms', ns: NS_PER_MS },
  { name: 'µs', ns: NS_PER_US },
  { name: 'ns', ns: 1 }
]

/** Both sides of a row, in the same unit so that they can be compared at a glance; `–` where there is no number. */
export function formatPair(comparison: MetricComparison): { readonly baseline: string; readonly candidate: string } {
  const { baseline, candidate, unit } = comparison
  const format = unit === 'ns' ? latencyFormat(baseline, candidate) : FORMATS[unit]
  return {
    baseline: baseline === null ? '–' : format(baseline),
    candidate: candidate === null ? '–' : format(candidate)
  }
}

const FORMATS: Readonly<Record<Exclude<MetricUnit, 'ns'>, (level: number) => string>> = {
  share: formatShare,
  'requests/s': formatRate,
  'tokens/s': formatRate,
  bytes: formatBytes,
  'bytes/1000 requests': formatGrowth
}

/** Both sides in the same unit: `412 µs`, `438 µs`; `–` where there is no number. */
export function formatLatencies(
  baselineNs: number | null | undefined,
  candidateNs: number | null | undefined
): readonly [baseline: string, candidate: string] {
  const format = latencyFormat(baselineNs ?? null, candidateNs ?? null)
  const show = (latencyNs: number | null | undefined) => (latencyNs == null ? '–' : format(latencyNs))
  return [show(baselineNs), show(candidateNs)]
}

function latencyFormat(baselineNs: number | null, candidateNs: number | null): (latencyNs: number) => string {
  const [lowNs, highNs] = [
    Math.min(baselineNs ?? Infinity, candidateNs ?? Infinity),
    Math.max(baselineNs ?? 0, candidateNs ?? 0)
  ]
  if (highNs > lowNs * SAME_UNIT_MAX_RATIO) return formatLatency
  const unit = latencyUnit(highNs)
  return (latencyNs) => `${threeDigits(latencyNs / unit.ns)} ${unit.name}`
}

/** `1.31 ms (1.30 to 1.33)`: a pooled latency with the interval that belongs to it. */
export function formatLatencyWithin(latencyNs: number | null, interval: readonly [number, number] | null): string {
  if (latencyNs === null) return '–'
  if (interval === null || interval.some(Number.isNaN)) return formatLatency(latencyNs)
  const unit = latencyUnit(latencyNs)
  const [low, high] = interval.map((endNs) => threeDigits(endNs / unit.ns))
  return `${formatLatency(latencyNs)} (${low} to ${high})`
}

/** `1.23 ms`: three significant digits in the largest unit that leaves a number of at least 1. */
export function formatLatency(latencyNs: number): string {
  const unit = latencyUnit(latencyNs)
  return `${threeDigits(latencyNs / unit.ns)} ${unit.name}`
}

function latencyUnit(latencyNs: number): LatencyUnit {
  return LATENCY_UNITS.find(({ ns }) => latencyNs >= ns) ?? { name: 'ns', ns: 1 }
}

/** `118/s`. */
export function formatRate(perSecond: number): string {
  return `${threeDigits(perSecond)}/s`
}

const BYTE_UNITS = [
  { name: 'GB', bytes: 1e9 },
  { name: 'MB', bytes: 1e6 },
  { name: 'kB', bytes: 1e3 },
  { name: 'B', bytes: 1 }
] as const

/** More than any machine has. */
const BYTES_MAX = 1e18

/** `202 MB`; signed, because growth may be negative. Whole bytes. */
export function formatBytes(bytes: number): string {
  if (!Number.isFinite(bytes)) return '–'
  const size = Math.min(Math.round(Math.abs(bytes)), BYTES_MAX)
  const unit = BYTE_UNITS.find((item) => size >= item.bytes) ?? BYTE_UNITS[3]
  return `${bytes < 0 ? '−' : ''}${threeDigits(size / unit.bytes)} ${unit.name}`
}

/** `65.5 kB/1k`: bytes for each thousand requests. */
export function formatGrowth(bytes: number): string {
  return `${formatBytes(bytes)}/1k`
}

/** `2.1 %`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

/** `1.23`, `12.3`, `1,234`. */
export function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= DIGITS_MAX) return value.toExponential(2)
  if (value >= 100) return formatCount(Math.round(value))
  if (value >= 10) return value.toFixed(1)
  if (value >= 1) return value.toFixed(2)
  return value === 0 ? '0' : String(Number(value.toPrecision(3)))
}

/** A number as somebody wrote it: `20`, `0.25`. */
export function formatWritten(value: number): string {
  return value.toLocaleString('en-US', { maximumSignificantDigits: 6 })
}

/** `12,345`. */
export function formatCount(count: number): string {
  return count.toLocaleString('en-US')
}

/** `850 ms`, `10.4 s`, `3 min 20 s`. */
export function formatDuration(durationMs: number): string {
  if (!Number.isFinite(durationMs) || durationMs < 0) return '–'
  if (durationMs < MS_PER_S) return `${Math.round(durationMs)} ms`
  if (durationMs < 2 * MS_PER_MINUTE) return `${(durationMs / MS_PER_S).toFixed(1)} s`
  const seconds = Math.round(durationMs / MS_PER_S)
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`
}

const MS_PER_HOUR = 60 * MS_PER_MINUTE
const HOURS_MAX = 100

/** `40 s`, `3 min`, `7 h`, `more than 100 h`: how long something will take, roughly and rounded up. */
export function formatForecast(durationMs: number): string {
  if (!Number.isFinite(durationMs) || durationMs > HOURS_MAX * MS_PER_HOUR) return `more than ${HOURS_MAX} h`
  if (durationMs <= 90 * MS_PER_S) return `${Math.max(1, Math.ceil(durationMs / MS_PER_S))} s`
  if (durationMs <= 90 * MS_PER_MINUTE) return `${Math.ceil(durationMs / MS_PER_MINUTE)} min`
  return `${Math.ceil(durationMs / MS_PER_HOUR)} h`
}

/** `7.8 GiB`. */
export function formatMemory(bytes: number): string {
  return `${threeDigits(bytes / BYTES_PER_GIB)} GiB`
}

/** `1 case`, `2 cases`. */
export function formatPlural(count: number, singular: string, plural: string = `${singular}s`): string {
  return `${formatCount(count)} ${count === 1 ? singular : plural}`
}
