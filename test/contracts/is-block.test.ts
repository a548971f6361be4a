import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isBlock } from '#contracts/is-block.ts'
import { Block, SERIES_NAMES } from '#contracts/measurements.ts'

const GOOD = { side: 'baseline', launch: 0, quad: 3, wallNs: 10.5, latenciesNs: [1, 2.5], errors: 0 }

const SERVED = {
  ...GOOD,
  errors: 2,
  series: { queueNs: [0, 0.5], serviceNs: [1, 2], itlNs: [3, 4, 5, 6], rssBytes: [0, 7], inferences: [0, 3] },
  load: { offeredPerS: 40, arrivals: 4, late: 1, timedOut: 1, dropped: 1, lastNs: 5 }
}

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

  it('accepts series and load where the schema does, and nowhere else', () => {
    const inSeries = fc
      .tuple(
        fc.constantFrom(...SERIES_NAMES, 'extra'),
        fc.oneof(odd, fc.array(fc.constantFrom(0, 1, 0.5), { maxLength: 4 }))
      )
      .map(([name, value]) => ({ ...SERVED, series: { ...SERVED.series, [name]: value } }))
    const inLoad = fc
      .tuple(fc.constantFrom(...Object.keys(SERVED.load), 'extra'), fc.oneof(odd, fc.nat({ max: 5 })))
      .map(([name, value]) => ({ ...SERVED, load: { ...SERVED.load, [name]: value } }))
    const around = fc
      .tuple(fc.constantFrom('series', 'load', 'errors', 'latenciesNs', 'extra'), odd)
      .map(([key, value]) => ({ ...SERVED, [key]: value }))
    const seen = new Set<boolean>()

    fc.assert(
      fc.property(fc.oneof(inSeries, inLoad, around), (value) => {
        const accepted = isBlock(value)
        seen.add(accepted)
        expect(accepted).toBe(Block.safeParse(value).success)
      }),
      { numRuns: 2000, seed: 4 }
    )
    expect(seen.size).toBe(2)
  })

  it.each([
    ['fewer numbers than requests', { ...GOOD, series: { queueNs: [1] } }],
    ['gaps that cannot be shared out', { ...GOOD, series: { itlNs: [1, 2, 3] } }],
    ['gaps without a request', { ...GOOD, latenciesNs: [], series: { itlNs: [1] } }],
    ['readings without their requests', { ...GOOD, series: { rssBytes: [1] } }],
    ['more late than arrived', { ...SERVED, load: { ...SERVED.load, late: 5 } }],
    ['more timed out than failed', { ...SERVED, load: { ...SERVED.load, timedOut: 2 } }],
    ['a load without its end', { ...SERVED, load: { offeredPerS: 1, arrivals: 1, late: 0, timedOut: 0, dropped: 0 } }]
  ])('refuses %s, as the schema does', (_name, value) => {
    expect(isBlock(SERVED)).toBe(true)
    expect(isBlock(value)).toBe(false)
    expect(Block.safeParse(value).success).toBe(false)
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
