import { expect, test } from 'vitest'
import { repeatElements } from '#workers/side/repeat-elements.ts'

test.each([
  ['int32', Int32Array.of(1, 2, 3, 4), 4, Int32Array.of(1, 2, 3, 4, 1, 2, 3, 4)],
  ['int32', Int32Array.of(1, 2, 3, 4), 2, Int32Array.of(1, 2, 1, 2, 3, 4, 3, 4)],
  ['int64', BigInt64Array.of(1n, -2n), 1, BigInt64Array.of(1n, 1n, -2n, -2n)],
  ['float16', Uint16Array.of(0x3c00), 1, Uint16Array.of(0x3c00, 0x3c00)],
  ['string', ['a', 'b', 'c', 'd'], 2, ['a', 'b', 'a', 'b', 'c', 'd', 'c', 'd']],
  ['float32', new Float32Array(0), 0, new Float32Array(0)]
] as const)('%s %o in stretches of %d', (type, elements, stretch, expected) => {
  expect(repeatElements(type, elements, { stretch, times: 2 })).toEqual(expected)
})
