import { CLOCK_REASONS, type ClockReason } from '#contracts/environment.ts'
import { BYTES_PER_MIB } from '#contracts/units.ts'
import { type FieldRow, readNumber, type SAMPLE_FIELDS } from './gpu-fields.ts'

export type SampleRow = FieldRow<keyof typeof SAMPLE_FIELDS>

/** A GPU at one moment. Null where the driver does not tell. */
export interface GpuSample {
  /** When the answer arrived, by the monotonic clock; nvidia-smi looked a little earlier. */
  readonly atMs: number
  readonly smClockMHz: number | null
  readonly memoryClockMHz: number | null
  readonly temperatureC: number | null
  readonly powerW: number | null
  readonly utilisationShare: number | null
  readonly memoryUsedBytes: number | null
  /** Null where the driver does not tell any. */
  readonly reasons: readonly ClockReason[] | null
  /** Microseconds since the driver was loaded; older drivers do not count. */
  readonly activeUs: Readonly<Partial<Record<ClockReason, number>>>
  readonly eccErrors: { readonly corrected: number; readonly uncorrected: number } | null
}

/** Bits of the mask of reasons, lowest first [nvml.h, nvmlClocksEventReasons]. */
const REASON_BITS: readonly ClockReason[] = CLOCK_REASONS.slice(0, -1)

const COUNTERS: readonly (readonly [ClockReason, keyof typeof SAMPLE_FIELDS])[] = [
  ['sw_power_cap', 'swPowerCapUs'],
  ['sync_boost', 'syncBoostUs'],
  ['sw_thermal', 'swThermalUs'],
  ['hw_thermal', 'hwThermalUs'],
  ['hw_power_brake', 'hwPowerBrakeUs']
]

export function parseGpuSample(row: SampleRow, atMs: number): GpuSample {
  // None of these can be negative; a driver that says so does not know.
  const number = (key: keyof typeof SAMPLE_FIELDS) => readAmount(readNumber(row.get(key)))
  const memoryMiB = number('memoryUsedMiB')
  const percent = number('utilisationPercent')
  const corrected = readCount(number('eccCorrected'))
  const uncorrected = readCount(number('eccUncorrected'))
  return {
    atMs,
    smClockMHz: number('smClockMHz'),
    memoryClockMHz: number('memoryClockMHz'),
    temperatureC: readNumber(row.get('temperatureC')),
    powerW: number('powerW'),
    utilisationShare: percent === null ? null : percent / 100,
    memoryUsedBytes: memoryMiB === null ? null : memoryMiB * BYTES_PER_MIB,
    reasons: parseReasonMask(row.get('reasons') ?? null),
    activeUs: readCounters(number),
    eccErrors: corrected === null || uncorrected === null ? null : { corrected, uncorrected }
  }
}

function readCount(value: number | null): number | null {
  return Number.isSafeInteger(value) ? value : null
}

function readAmount(value: number | null): number | null {
  return value === null || value < 0 ? null : value
}

/** `0x0000000000000028` as the reasons whose bits are set; bits that are not known here together as `other`. */
export function parseReasonMask(text: string | null): ClockReason[] | null {
  if (text === null || !/^0x[0-9a-f]{1,16}$/i.test(text)) return null
  const mask = BigInt(text)
  const named = REASON_BITS.filter((_, bit) => (mask & (1n << BigInt(bit))) !== 0n)
  return mask >> BigInt(REASON_BITS.length) === 0n ? named : [...named, 'other']
}

function readCounters(number: (key: keyof typeof SAMPLE_FIELDS) => number | null): GpuSample['activeUs'] {
  const counters: Partial<Record<ClockReason, number>> = {}
  for (const [reason, key] of COUNTERS) {
    const us = number(key)
    if (us !== null) counters[reason] = us
  }
  return counters
}
