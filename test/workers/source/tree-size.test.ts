import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { countTreeSize } from '#workers/source/tree-size.ts'

const LISTING = Buffer.from(
  [
    `040000 tree ${'a'.repeat(40)}       -\tmodels`,
    `100644 blob ${'b'.repeat(40)}    5000\tmodels/with\ttab 99999`,
    `100644 blob ${'c'.repeat(40)}       0\tempty`,
    `160000 commit ${'d'.repeat(40)}       -\tsubmodule`,
    ''
  ].join('\0')
)
/** Four entries of one 4 KiB block, one of which needs a second block. */
const LISTING_BYTES = 5 * 4096

describe('countTreeSize', () => {
  test('rounds files up to blocks and counts folders, empty files and submodules as one', () => {
    const counter = countTreeSize()

    counter.add(LISTING)

    expect(counter.bytes()).toBe(LISTING_BYTES)
  })

  test('counts the same however the listing is cut into pieces', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: LISTING.length }), { maxLength: 6 }), (cuts) => {
        const counter = countTreeSize()
        const edges = [0, ...cuts.toSorted((a, b) => a - b), LISTING.length]
        for (let index = 1; index < edges.length; index++) counter.add(LISTING.subarray(edges[index - 1], edges[index]))
        expect(counter.bytes()).toBe(LISTING_BYTES)
      })
    )
  })
})
