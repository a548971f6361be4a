import { describe, expect, test } from 'vitest'
import type { Distribution } from '#contracts/inputs.ts'
import { generateValues } from '#workers/side/generate-values.ts'
import { type NumericType, planValues } from '#workers/side/plan-values.ts'

const SAFE = Number.MAX_SAFE_INTEGER

function draw(type: NumericType, distribution: Distribution, length = 1000): readonly number[] {
  const plan = planValues('x', type, { distribution })
  if (!plan.ok) throw new Error(plan.message)
  return Array.from<number | bigint | string>(
    generateValues({ type, shape: [length], values: plan.values, seed: 1 })
  ).map(Number)
}

describe('what a type cannot hold is refused', () => {
  test.each<[NumericType, Distribution, RegExp]>([
    ['int8', { kind: 'integers', low: -129, high: 0 }, /integers from -129 to 0, which int8 cannot hold/],
    ['uint32', { kind: 'integers', low: -1, high: 1 }, /which uint32 cannot hold/],
    ['bool', { kind: 'integers', low: 0, high: 2 }, /which bool cannot hold/],
    ['float16', { kind: 'integers', low: 0, high: 4096 }, /which float16 cannot hold/],
    ['float32', { kind: 'integers', low: 0, high: 2 ** 25 }, /which float32 cannot hold/],
    ['int64', { kind: 'integers', low: -SAFE, high: SAFE }, /more than 2\^53 different ones/],
    ['int32', { kind: 'integers', low: 2, high: 1 }, /which are none/],
    ['float32', { kind: 'uniform', low: 2, high: 1 }, /which are none/],
    ['float16', { kind: 'uniform', low: 0, high: 70_000 }, /which float16 cannot hold/],
    ['float32', { kind: 'uniform', low: 0, high: 1e39 }, /which float32 cannot hold/],
    ['bool', { kind: 'uniform', low: 0, high: 1 }, /which are fractions/],
    ['int64', { kind: 'uniform', low: 0, high: 10 }, /which are fractions/],
    ['uint8', { kind: 'normal', mean: 0, sd: 1 }, /which are fractions/],
    ['float16', { kind: 'normal', mean: 0, sd: 10_000 }, /some of which float16 cannot hold/],
    ['float64', { kind: 'normal', mean: Number.MAX_VALUE, sd: 1e300 }, /some of which float64 cannot hold/]
  ])('%s: %j', (type, distribution, message) => {
    expect(planValues('x', type, { distribution })).toMatchObject({
      ok: false,
      message: expect.stringMatching(message)
    })
  })

  test.each<[NumericType, number]>([
    ['float16', 65_505],
    ['float32', 1e39],
    ['float64', Number.NaN],
    ['int64', 2 ** 53],
    ['bool', -1]
  ])('%s: the value %d', (type, value) => {
    expect(planValues('x', type, { value })).toMatchObject({ ok: false })
  })

  test('a value and a distribution exclude each other', () => {
    expect(planValues('x', 'int8', { value: 1, distribution: { kind: 'zeros' } })).toMatchObject({ ok: false })
  })
})

describe('generateValues', () => {
  test.each<[NumericType, number, number]>([
    ['uint8', 250, 255],
    ['int16', -2, 1],
    ['int64', SAFE - 3, SAFE],
    ['float32', -1, 1],
    ['bool', 0, 1]
  ])('%s: integers from %d to %d are drawn, both ends included and about as often', (type, low, high) => {
    const values = draw(type, { kind: 'integers', low, high })

    const expected = values.length / (high - low + 1)
    for (let value = low; value <= high; value += 1) {
      const times = values.filter((drawn) => drawn === value).length
      expect(Math.abs(times - expected)).toBeLessThan(5 * Math.sqrt(expected))
    }
    expect(Math.min(...values)).toBe(low)
    expect(Math.max(...values)).toBe(high)
  })

  test('integers of 53 bits use all of them', () => {
    const values = draw('int64', { kind: 'integers', low: 0, high: SAFE })

    expect(new Set(values).size).toBe(values.length)
    expect(values.filter((value) => value % 2 === 1).length).toBeGreaterThan(400)
    expect(Math.max(...values)).toBeGreaterThan(0.99 * SAFE)
  })

  test.each<[NumericType]>([['float32'], ['float64']])('%s: uniform values fill their range', (type) => {
    const values = draw(type, { kind: 'uniform', low: -3, high: 5 })

    expect(values.every((value) => value >= -3 && value <= 5)).toBe(true)
    expect(Math.abs(values.reduce((sum, value) => sum + value, 0) / values.length - 1)).toBeLessThan(0.3)
    expect(Math.min(...values)).toBeLessThan(-2.9)
    expect(Math.max(...values)).toBeGreaterThan(4.9)
  })

  test('the widest range of all does not overflow', () => {
    const values = draw('float64', { kind: 'uniform', low: -Number.MAX_VALUE, high: Number.MAX_VALUE })

    expect(values.every(Number.isFinite)).toBe(true)
  })

  test('normal values have the mean and the deviation asked for', () => {
    const values = draw('float32', { kind: 'normal', mean: 10, sd: 2 }, 10_000)
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length

    expect(Math.abs(mean - 10)).toBeLessThan(0.1)
    expect(Math.abs(Math.sqrt(variance) - 2)).toBeLessThan(0.1)
  })

  test.each<[NumericType]>([['float16'], ['int64'], ['uint64'], ['bool'], ['int8']])('%s: zeros', (type) => {
    expect(new Set(draw(type, { kind: 'zeros' }))).toEqual(new Set([0]))
  })
})
