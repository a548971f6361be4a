const HalfArray: unknown = Reflect.get(globalThis, 'Float16Array')

/**
 * Takes Float16Array away from ONNX Runtime: the binding (1.30) reads one as empty ("not enough space: expected 16,
 * got 0"), and falls back to a Uint16Array of half-precision bits where the class is not there. It must be gone before
 * the first tensor is made.
 */
export function withholdHalfArrays(): void {
  Reflect.deleteProperty(globalThis, 'Float16Array')
}

/** Numbers → bits of the nearest half-precision numbers. */
export function toHalves(values: Float32Array): Uint16Array {
  if (typeof HalfArray !== 'function') throw new Error('This Node.js has no Float16Array: use Node.js 24 or newer.')
  const halves: unknown = Reflect.construct(HalfArray, [values])
  if (!ArrayBuffer.isView(halves)) throw new Error('Float16Array did not make an array.')
  return new Uint16Array(halves.buffer, halves.byteOffset, values.length)
}
