import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isBlock } from '#contracts/is-block.ts'
import { Block } from '#contracts/measurements.ts'

const GOOD = { side: 'baseline', launch: 0, quad: 3, wallNs: 10.5, latenciesNs: [1, 2.5], errors: 0 }

/** Values that sit at the edges of the contract, and any JSON. */
const odd = fc.oneof(
  fc.constantFrom<unknown>(0, -0, 1, -1, 0.5, 2 ** 53, 2 ** 53 - 1, 1e308, 5e-324, '1', null, true, [], {}, undefined),
  fc.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, 'baseline', 'candidate', [1], [0], [1, null], ['1']),
  fc.jsonValue()
)

describe('isBlock', () => {
  it('accepts what the schema accepts, and nothing else', () => {
    const mutated = fc
      .tuple(fc.constantFrom('side', 'launch', 'quad', 'wallNs', 'latenciesNs', 'errors', 'extra'), odd)
      .map(([key, value]) => ({ ...GOOD, [key]: value }))

    fc.assert(
      fc.property(fc.oneof(mutated, odd), (value) => {
        expect(isBlock(value)).toBe(Block.safeParse(value).success)
      }),
      { numRuns: 2000 }
    )
  })

  it.each([
    ['a bad last latency', { ...GOOD, latenciesNs: [...Array.from({ length: 1000 }, () => 1), -1] }],
    ['a missing key', { side: 'baseline', launch: 0, quad: 3, wallNs: 10.5, latenciesNs: [1, 2.5] }],
    ['a key too many', { ...GOOD, extra: 1 }],
    ['a hidden key', JSON.parse(`{"__proto__": {}, ${JSON.stringify(GOOD).slice(1)}`)],
    ['a list', [GOOD]]
  ])('refuses %s', (_name, value) => {
    expect(isBlock(value)).toBe(false)
  })

  it('accepts a block without requests', () => {
    expect(isBlock({ ...GOOD, latenciesNs: [], errors: 3 })).toBe(true)
  })
})
