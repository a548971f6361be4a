/**
 * What is asked of nvidia-smi. Its fields are renamed between driver generations (clocks_throttle_reasons became
 * clocks_event_reasons in 535), and one that it does not know fails the whole question; so its own list of fields
 * (--help-query-gpu) is looked at first. Each name here stands before the older ones.
 */
export const IDENTITY_FIELDS = {
  uuid: ['uuid', 'gpu_uuid'],
  index: ['index'],
  name: ['name', 'gpu_name'],
  vbios: ['vbios_version'],
  driverVersion: ['driver_version'],
  migMode: ['mig.mode.current'],
  ecc: ['ecc.mode.current'],
  computeMode: ['compute_mode'],
  persistence: ['persistence_mode'],
  powerLimitW: ['enforced.power.limit', 'power.limit'],
  defaultPowerLimitW: ['power.default_limit'],
  maxPowerLimitW: ['power.max_limit'],
  pcieGenMax: ['pcie.link.gen.max'],
  pcieWidthMax: ['pcie.link.width.max'],
  memoryTotalMiB: ['memory.total']
} as const

export const SAMPLE_FIELDS = {
  uuid: ['uuid', 'gpu_uuid'],
  smClockMHz: ['clocks.current.sm', 'clocks.sm'],
  memoryClockMHz: ['clocks.current.memory', 'clocks.mem'],
  temperatureC: ['temperature.gpu'],
  powerW: ['power.draw'],
  utilisationPercent: ['utilization.gpu'],
  memoryUsedMiB: ['memory.used'],
  reasons: ['clocks_event_reasons.active', 'clocks_throttle_reasons.active'],
  /** Time in which each reason was active, since the driver was loaded; older drivers have no such counters. */
  swPowerCapUs: ['clocks_event_reasons_counters.sw_power_cap'],
  syncBoostUs: ['clocks_event_reasons_counters.sync_boost'],
  swThermalUs: ['clocks_event_reasons_counters.sw_thermal_slowdown'],
  hwThermalUs: ['clocks_event_reasons_counters.hw_thermal_slowdown'],
  hwPowerBrakeUs: ['clocks_event_reasons_counters.hw_power_brake_slowdown'],
  eccCorrected: ['ecc.errors.corrected.volatile.total'],
  eccUncorrected: ['ecc.errors.uncorrected.volatile.total']
} as const

export type FieldNames<Key extends string> = Readonly<Record<Key, readonly string[]>>

/** A field to ask for, under the name that this driver has for it. */
export interface ChosenField<Key extends string> {
  readonly key: Key
  readonly name: string
}

/** One GPU's answer: a text per field that this driver knows; null where it has no value. */
export type FieldRow<Key extends string> = ReadonlyMap<Key, string | null>

/** All names of the output of `nvidia-smi --help-query-gpu`, in which a line `"a" or "b"` opens each field. */
export function parseFieldHelp(help: string): ReadonlySet<string> {
  const lines = help.matchAll(/^\s*("[\w.]+"(?:\s+or\s+"[\w.]+")*)/gm)
  return new Set(
    [...lines].flatMap(([, names = '']) => [...names.matchAll(/"([\w.]+)"/g)].map(([, name = '']) => name))
  )
}

/**
 * The fields that this driver knows.
 *
 * @param known from {@link parseFieldHelp}; when it is empty, the oldest names are taken, without those of newer drivers
 */
export function chooseFields<Key extends string>(
  fields: FieldNames<Key>,
  known: ReadonlySet<string>
): ChosenField<Key>[] {
  const chosen: ChosenField<Key>[] = []
  for (const key in fields) {
    const names = fields[key]
    const name = known.size === 0 ? names.at(-1) : names.find((candidate) => known.has(candidate))
    if (name === undefined || (known.size === 0 && name.startsWith('clocks_event_reasons_counters'))) continue
    chosen.push({ key, name })
  }
  return chosen
}

/** Arguments of the question. */
export function queryArguments(chosen: readonly ChosenField<string>[]): string[] {
  return [`--query-gpu=${chosen.map(({ name }) => name).join(',')}`, '--format=csv,noheader,nounits']
}

/** Rows of the answer; one with another number of cells, such as an error in between, is left out. */
export function parseFieldRows<Key extends string>(text: string, chosen: readonly ChosenField<Key>[]): FieldRow<Key>[] {
  return text.split('\n').flatMap((line) => {
    const cells = line.split(',')
    if (line.trim() === '' || cells.length !== chosen.length) return []
    return [new Map(chosen.map(({ key }, index) => [key, readCell(cells[index] ?? '')]))]
  })
}

/** `[N/A]`, `[Not Supported]`, `[Unknown Error]`, `[GPU is lost]`, `[Insufficient Permissions]`, `N/A` …: no value. */
function readCell(cell: string): string | null {
  const text = cell.trim()
  return text === '' || text.startsWith('[') || /^(?:N\/A|ERR!|None)$/i.test(text) ? null : text
}

/** A number, with or without its unit. One that is too large to count with is none. */
export function readNumber(cell: string | null | undefined): number | null {
  const number = /^(-?\d+(?:\.\d+)?)(?: \S{1,4})?$/.exec(cell ?? '')?.[1]
  return number === undefined || Math.abs(Number(number)) > Number.MAX_SAFE_INTEGER ? null : Number(number)
}

/** `Enabled` and `Disabled`, as modes are told. */
export function readMode(cell: string | null | undefined): boolean | null {
  if (cell === 'Enabled') return true
  return cell === 'Disabled' ? false : null
}
