import type { GpuIdentity } from '#contracts/environment.ts'
import { BYTES_PER_MIB } from '#contracts/units.ts'
import { limitLine } from './fingerprint.ts'
import { type FieldRow, type IDENTITY_FIELDS, readMode, readNumber } from './gpu-fields.ts'

const LINE_MAX_CHARACTERS = 200

export type IdentityRow = FieldRow<keyof typeof IDENTITY_FIELDS>

/**
 * One GPU as nvidia-smi tells it. `mig.instanceUuid` stays null: who measures on a slice fills it in.
 *
 * @returns null for a row without a UUID, as of a GPU that fell off the bus
 */
export function parseGpuIdentity(row: IdentityRow, cudaVersion: string | null): GpuIdentity | null {
  const uuid = row.get('uuid')
  if (uuid === undefined || uuid === null) return null
  const line = (key: keyof typeof IDENTITY_FIELDS) => {
    const text = row.get(key) ?? null
    return text === null ? null : limitLine(text, LINE_MAX_CHARACTERS)
  }
  const amount = (key: keyof typeof IDENTITY_FIELDS) => toAmount(readNumber(row.get(key)))
  const memoryMiB = amount('memoryTotalMiB')
  return {
    uuid: limitLine(uuid, LINE_MAX_CHARACTERS),
    name: line('name') ?? 'unknown',
    vbios: line('vbios'),
    driverVersion: line('driverVersion'),
    cudaVersion,
    mig: { enabled: readMode(row.get('migMode')), instanceUuid: null },
    ecc: readMode(row.get('ecc')),
    computeMode: line('computeMode'),
    persistence: readMode(row.get('persistence')),
    powerLimitW: amount('powerLimitW'),
    defaultPowerLimitW: amount('defaultPowerLimitW'),
    maxPowerLimitW: amount('maxPowerLimitW'),
    pcieGenMax: toWhole(amount('pcieGenMax')),
    pcieWidthMax: toWhole(amount('pcieWidthMax')),
    memoryTotalBytes: memoryMiB === null ? null : memoryMiB * BYTES_PER_MIB
  }
}

/** Place in nvidia-smi's list, which goes by PCI address. */
export function parseGpuIndex(row: IdentityRow): number | null {
  return toWhole(toAmount(readNumber(row.get('index'))))
}

/**
 * The newest CUDA that the driver supports, from the head of `nvidia-smi -q`. Drivers from 610 on say "CUDA UMD Version",
 * and put a sentence where the old name was.
 */
export function parseCudaVersion(text: string): string | null {
  return /^CUDA(?: UMD)? Version\s*:\s*(\d{1,4}(?:\.\d{1,4}){1,2})\s*$/im.exec(text)?.[1] ?? null
}

function toAmount(value: number | null): number | null {
  return value === null || value < 0 ? null : value
}

function toWhole(value: number | null): number | null {
  return value === null ? null : Math.round(value)
}
