import { expect, test } from 'vitest'
import { readHalf } from '#workers/outputs/read-half.ts'

test('every half-precision number is read as Node.js reads it', () => {
  const bits = Uint16Array.from({ length: 65_536 }, (_, pattern) => pattern)
  const halves = new Float16Array(bits.buffer)

  const wrong = [...bits].filter((pattern) => !Object.is(readHalf(pattern), Number(halves[pattern])))

  expect(wrong).toEqual([])
})
