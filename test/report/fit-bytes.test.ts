import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { byteLength, fitBytes } from '#src/report/fit-bytes.ts'

type Section = 'worst' | 'rest'

/** A document of a head and two lists, and what was left out. */
function fitLists(maxBytes: number, worst: readonly string[], rest: readonly string[]): string {
  return fitBytes<Section>({
    maxBytes,
    counts: { worst: worst.length, rest: rest.length },
    sacrifice: ['rest', 'worst'],
    render: (shown) => {
      const missing = worst.length + rest.length - shown.worst - shown.rest
      return [
        'head',
        ...worst.slice(0, shown.worst),
        ...rest.slice(0, shown.rest),
        ...(missing > 0 ? [`+${missing}`] : [])
      ].join('\n')
    }
  })
}

describe('fitting', () => {
  test('changes nothing when everything fits', () => {
    expect(fitLists(100, ['a', 'b'], ['c'])).toBe('head\na\nb\nc')
  })

  test('drops the dispensable list first, from its end', () => {
    expect(fitLists(16, ['aa', 'bb'], ['cc', 'dd', 'ee'])).toBe('head\naa\nbb\ncc\n+2')
  })

  test('then drops from the other one', () => {
    expect(fitLists(10, ['aa', 'bb'], ['cc', 'dd', 'ee'])).toBe('head\naa\n+4')
  })

  test('counts bytes, not characters', () => {
    expect(fitLists(12, ['😀', '😀'], [])).toBe('head\n😀\n+1')
  })

  test('never exceeds the limit and keeps the longest beginning', () => {
    const items = fc.array(fc.string({ unit: 'grapheme', maxLength: 9 }), { maxLength: 40 })
    fc.assert(
      fc.property(fc.integer({ min: 8, max: 200 }), items, items, (maxBytes, worst, rest) => {
        expect(byteLength(fitLists(maxBytes, worst, rest))).toBeLessThanOrEqual(maxBytes)
      })
    )
  })
})
