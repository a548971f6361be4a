/** Conversions between the units that numbers carry in their names. Base units inside, scaling only in reports. */

export const NS_PER_US = 1_000
export const NS_PER_MS = 1_000_000
export const NS_PER_S = 1_000_000_000
export const US_PER_MS = 1_000
export const MS_PER_S = 1_000
export const MS_PER_MINUTE = 60_000
export const BYTES_PER_KIB = 1_024
export const BYTES_PER_MIB = 1_048_576
export const BYTES_PER_GIB = 1_073_741_824
