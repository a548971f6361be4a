import { describe, expect, test } from 'vitest'
import { OutputTally } from '#workers/outputs/output-tally.ts'
import type { OutputTensor } from '#workers/outputs/output-tensor.ts'
import { doubles, floats, longs, texts } from './sample-outputs.ts'

const TOLERANCE = { rtol: 0.1, atol: 1, factor: 1 }
const EXACT = { rtol: 0, atol: 0, factor: 1 }

function tally(left: OutputTensor, right: OutputTensor, tolerance = TOLERANCE): OutputTally {
  const counted = new OutputTally(tolerance)
  counted.add(0, left, right)
  return counted
}

describe('an element matches as in numpy.isclose', () => {
  test.each([
    // |c − b| ≤ 1 + 0.1 · |b|
    [10, 12, 0],
    [10, 12.1, 1],
    [-10, -12, 0],
    [-10, -12.5, 1],
    [0, 1, 0],
    [0, 1.01, 1],
    // The baseline is the reference: from 22 to 19 three are allowed, from 19 to 22 only 2.9.
    [22, 19, 0],
    [19, 22, 1]
  ])('%d to %d: %d mismatched', (baseline, candidate, mismatched) => {
    expect(tally(doubles('y', [baseline]), doubles('y', [candidate])).statistics.mismatched).toBe(mismatched)
  })

  test.each([
    [Number.NaN, Number.NaN, 0, 0],
    [Infinity, Infinity, 0, 0],
    [-Infinity, -Infinity, 0, 0],
    [Infinity, -Infinity, 1, 1],
    [Infinity, 5, 1, 0],
    [5, Infinity, 1, 1],
    [5, Number.NaN, 1, 1],
    [Number.NaN, 5, 1, 0],
    [Number.NaN, Infinity, 1, 1]
  ])('%d to %d: %d mismatched, %d newly not finite', (baseline, candidate, mismatched, newNonFinite) => {
    const { statistics } = tally(doubles('y', [baseline]), doubles('y', [candidate]))
    expect(statistics).toMatchObject({ mismatched, newNonFinite, elements: 1, maxAbsError: null, cosineMin: null })
  })

  test('the factor widens the tolerance', () => {
    const widened = tally(doubles('y', [10, 10]), doubles('y', [16, 16.1]), { ...TOLERANCE, factor: 3 })
    expect(widened.statistics.mismatched).toBe(1)
  })

  test('numbers at the end of the range differ by the largest number there is', () => {
    const { statistics } = tally(doubles('y', [-1.7e308]), doubles('y', [1.7e308]))
    expect(statistics).toMatchObject({ mismatched: 1, newNonFinite: 0, maxAbsError: Number.MAX_VALUE, cosineMin: -1 })
  })
})

test('errors are computed by hand', () => {
  const { statistics } = tally(doubles('y', [1, -2, 0, 4]), doubles('y', [1, -3, 0.5, 2]))
  // Differences 0, 1, 0.5, 2; relative ones 0, 0.5, none, 0.5.
  expect(statistics).toMatchObject({ elements: 4, mismatched: 1, maxSampleShare: 0.25 })
  expect(statistics).toMatchObject({ maxAbsError: 2, meanAbsError: 0.875, maxRelError: 0.5 })
  // (1 + 6 + 0 + 8) / √(21 · 14.25)
  expect(statistics.cosineMin).toBeCloseTo(15 / Math.sqrt(21 * 14.25), 12)
})

test('statistics grow sample by sample', () => {
  const counted = new OutputTally(TOLERANCE)
  counted.add(0, doubles('y', [0, 0]), doubles('y', [0, 0]))
  counted.add(7, doubles('y', [0, 0, 0, 0]), doubles('y', [0, 9, 0, 0]))
  counted.add(8, doubles('y', []), doubles('y', []))

  expect(counted.statistics).toMatchObject({ samples: 3, elements: 6, mismatched: 1, maxSampleShare: 0.25 })
  expect(counted.worst).toMatchObject({ sampleIndex: 7, flatIndex: 1 })
})

describe('the worst element', () => {
  test('is the one furthest beyond its own tolerance, not the one with the largest difference', () => {
    // 150 is 150/101 of its tolerance, 8 is 8 times its own.
    const { worst } = tally(doubles('y', [1000, 0], [1, 2]), doubles('y', [1150, 8], [1, 2]))
    expect(worst).toEqual({
      sampleIndex: 0,
      flatIndex: 1,
      index: [0, 1],
      baseline: { kind: 'number', value: 0 },
      candidate: { kind: 'number', value: 8 }
    })
  })

  test('is a NaN before any number', () => {
    const { worst } = tally(doubles('y', [0, 0, 0]), doubles('y', [1e300, Number.NaN, -Infinity]))
    expect(worst).toMatchObject({ flatIndex: 1, candidate: { kind: 'nan' } })
  })

  test('is told within the tolerance too', () => {
    expect(tally(doubles('y', [0, 0]), doubles('y', [0.1, 0.2])).worst).toMatchObject({ flatIndex: 1 })
  })

  test('is not there when nothing differs', () => {
    expect(tally(doubles('y', [1, Number.NaN]), doubles('y', [1, Number.NaN])).worst).toBeNull()
  })

  test('lies beyond the first chunk', () => {
    const baseline = new Float32Array(20_000)
    const candidate = baseline.slice()
    candidate[19_999] = 5
    const dims = [2, 100, 100]
    const tensors = [baseline, candidate].map((values) => ({ name: 'y', type: 'float32', dims, values }) as const)
    expect(tally(tensors[0]!, tensors[1]!).worst).toMatchObject({ flatIndex: 19_999, index: [1, 99, 99] })
  })
})

describe('element types', () => {
  test('64-bit integers are compared beyond what a number holds', () => {
    const { statistics, worst } = tally(
      longs('y', [9_007_199_254_740_993n, 5n]),
      longs('y', [9_007_199_254_740_992n, 5n]),
      EXACT
    )
    expect(statistics).toMatchObject({ mismatched: 1, maxAbsError: 1 })
    expect(worst?.baseline).toEqual({ kind: 'integer', digits: '9007199254740993' })
  })

  test('half-precision bits are numbers', () => {
    const half = (bits: number): OutputTensor => ({
      name: 'y',
      type: 'float16',
      dims: [1],
      values: Uint16Array.of(bits)
    })
    // 0x3c00 is 1, 0x4000 is 2, 0x7e00 NaN.
    expect(tally(half(0x3c00), half(0x4000), EXACT).statistics).toMatchObject({ mismatched: 1, maxAbsError: 1 })
    expect(tally(half(0x3c00), half(0x7e00)).worst).toMatchObject({ candidate: { kind: 'nan' } })
  })

  test('a model that changed its precision is compared by numbers', () => {
    const half: OutputTensor = { name: 'y', type: 'float16', dims: [1], values: Uint16Array.of(0x3c00) }
    expect(tally(floats('y', [1]), half, EXACT).statistics).toMatchObject({ elements: 1, mismatched: 0 })
  })

  test('strings match when they are the same', () => {
    const { statistics, worst } = tally(texts('y', ['a', 'b']), texts('y', ['a', 'c'.repeat(300)]))
    expect(statistics).toMatchObject({ elements: 2, mismatched: 1, cosineMin: null, top1: null })
    expect(worst?.candidate).toEqual({ kind: 'text', text: 'c'.repeat(200) })
  })

  test('booleans are compared exactly', () => {
    const bools = (...values: number[]): OutputTensor => ({
      name: 'y',
      type: 'bool',
      dims: [values.length],
      values: Uint8Array.from(values)
    })
    expect(tally(bools(0, 1), bools(1, 1), EXACT).statistics.mismatched).toBe(1)
  })
})

describe('top-1 agreement', () => {
  test('counts rows along the last dimension', () => {
    const { statistics } = tally(floats('y', [1, 2, 3, 9, 8, 7], [2, 3]), floats('y', [0, 0, 5, 1, 2, 3], [2, 3]))
    expect(statistics.top1).toEqual({ rows: 2, agreed: 1 })
  })

  test('takes any of equally large ones', () => {
    expect(tally(floats('y', [4, 4, 1]), floats('y', [3, 5, 1])).statistics.top1).toEqual({ rows: 1, agreed: 1 })
  })

  test('does not take NaN for large', () => {
    const nan = Number.NaN
    expect(tally(floats('y', [1, 2]), floats('y', [nan, 2])).statistics.top1).toEqual({ rows: 1, agreed: 1 })
    expect(tally(floats('y', [1, 2]), floats('y', [nan, nan])).statistics.top1).toEqual({ rows: 1, agreed: 0 })
    expect(tally(floats('y', [nan, nan]), floats('y', [nan, nan])).statistics.top1).toEqual({ rows: 1, agreed: 1 })
  })

  test.each([
    ['one column', floats('y', [1, 2], [2, 1])],
    ['no dimension', floats('y', [1], [])],
    ['integers', longs('y', [1n, 2n])]
  ])('has no meaning for %s', (_, tensor) => {
    expect(tally(tensor, tensor).statistics.top1).toBeNull()
  })
})
