let table: Float32Array | null = null

/** Every half-precision number (IEEE 754 binary16) by its bits; made when it is first asked for. */
export function halfTable(): Float32Array {
  table ??= Float32Array.from({ length: 65_536 }, (_, bits) => decodeHalf(bits))
  return table
}

/** The number that 16 bits stand for. */
export function readHalf(bits: number): number {
  return halfTable()[bits & 0xffff] ?? Number.NaN
}

function decodeHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : Number.NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
