import { BYTES_PER_KIB, BYTES_PER_MIB, NS_PER_MS, NS_PER_S, NS_PER_US } from '#contracts/units.ts'

/** Quantities in the sentences of a diagnosis. */

/** `1.2 ms`, three significant digits. */
export function formatTime(ns: number): string {
  const size = Math.abs(ns)
  if (size >= NS_PER_S) return `${digits(size / NS_PER_S)} s`
  if (size >= NS_PER_MS) return `${digits(size / NS_PER_MS)} ms`
  if (size >= NS_PER_US) return `${digits(size / NS_PER_US)} µs`
  return `${digits(size)} ns`
}

/** `12 %`: the size of a ratio. */
export function formatRatio(ratio: number): string {
  const percent = Math.abs(ratio) * 100
  return `${percent >= 10 ? Math.round(percent).toLocaleString('en-US') : digits(percent, 2)} %`
}

/** `−1.0 % to +2.0 %`. */
export function formatRange([low, high]: readonly [number, number]): string {
  return `${signed(low)} to ${signed(high)}`
}

/** `+1 to +3 percentage points`: a difference of shares. */
export function formatPoints(interval: readonly [number, number]): string {
  return `${formatRange(interval).replaceAll(' %', '')} percentage points`
}

/** `45 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes >= BYTES_PER_MIB) return `${digits(bytes / BYTES_PER_MIB)} MiB`
  if (bytes >= BYTES_PER_KIB) return `${digits(bytes / BYTES_PER_KIB)} KiB`
  return `${digits(bytes)} B`
}

function signed(ratio: number): string {
  const percent = ratio * 100
  if (Math.abs(percent) < 0.05) return '0 %'
  return `${percent < 0 ? '−' : '+'}${formatRatio(ratio)}`
}

function digits(value: number, significant = 3): string {
  const rounded = Number(value.toPrecision(significant))
  return rounded < 1e15 ? rounded.toLocaleString('en-US', { maximumFractionDigits: 3 }) : rounded.toExponential(1)
}
