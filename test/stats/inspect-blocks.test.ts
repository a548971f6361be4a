import { describe, expect, it } from 'vitest'
import type { Block } from '#contracts/measurements.ts'
import { describeIrregularities, findDisorder } from '#stats/inspect-blocks.ts'
import { simulateCase } from './build-measurements.ts'

/** `0/1 bccb` is quad 1 of launch 0 with four blocks. */
function blocks(...quads: readonly string[]): Block[] {
  return quads.flatMap((text) => {
    const [, launch, quad, pattern = ''] = /^(\d+)\/(\d+) ([bc]+)$/.exec(text) ?? []
    return Array.from(pattern, (letter): Block => {
      const side = letter === 'b' ? 'baseline' : 'candidate'
      return { side, launch: Number(launch), quad: Number(quad), wallNs: 100, latenciesNs: [40, 50], errors: 0 }
    })
  })
}

describe('findDisorder', () => {
  it.each([
    [[], null],
    [['0/0 bccb', '0/1 cbbc', '1/0 bccb'], null],
    [['7/5 bccb', '7/2 cbbc', '3/9 b'], null],
    [['0/0 bccb', '1/0 bccb', '0/1 bccb'], { blockIndex: 8, problem: 'launch 0 goes on after another launch began' }],
    [['0/0 bc', '1/0 bccb', '0/0 cb'], { blockIndex: 6, problem: 'launch 0 goes on after another launch began' }],
    [
      ['0/0 bc', '0/1 bccb', '0/0 cb'],
      { blockIndex: 6, problem: 'quad 0 of launch 0 goes on after another quad began' }
    ]
  ])('%j', (quads, expected) => {
    expect(findDisorder(blocks(...quads))).toEqual(expected)
  })

  it('finds nothing in a regular recording', () => {
    expect(findDisorder(simulateCase().blocks)).toBeNull()
  })
})

describe('describeIrregularities', () => {
  it('says nothing about a regular recording', () => {
    expect(describeIrregularities(blocks('0/0 bccb', '0/1 cbbc', '1/0 bccb'))).toEqual([])
  })

  it.each(['bcb', 'bbcc', 'bcbc', 'bccbb', 'bc'])('names a quad of both sides in the order %s', (pattern) => {
    expect(describeIrregularities(blocks('0/0 bccb', `0/1 ${pattern}`, `1/0 ${pattern}`))).toEqual([
      '2 of 3 quads (first: launch 0, quad 1) are not two blocks of each side in the order ABBA or BAAB. They were used; drift inside them does not cancel.'
    ])
  })

  it('leaves quads of one side to the judge, which leaves them out', () => {
    expect(describeIrregularities(blocks('0/0 bccb', '0/1 bb', '1/0 c'))).toEqual([])
  })

  it.each([
    ['0/0 bb', 'candidate'],
    ['0/0 cc', 'baseline']
  ])('names the side that %j lacks', (quads, side) => {
    expect(describeIrregularities(blocks(quads))).toEqual([
      `Only one side was recorded: there are no blocks of the ${side}.`
    ])
  })

  it('says that nothing was recorded', () => {
    expect(describeIrregularities([])).toEqual(['Nothing was recorded: there are no blocks.'])
  })

  it('names blocks whose latencies do not fit into their duration, with 1 % for the clocks', () => {
    const [first, second, ...others] = blocks('0/0 bccb', '0/1 cbbc')
    if (first === undefined || second === undefined) throw new Error('The sample is too short.')
    const overlapping = [{ ...first, wallNs: 89.5 }, { ...second, wallNs: 89 }, ...others]

    expect(describeIrregularities(overlapping)).toEqual([
      'In 1 of 8 blocks (first: candidate, launch 0, quad 0) the latencies add up to more than wallNs: requests overlapped, or different clocks were used. Throughput is 1 / mean latency here, which does not see overlap.'
    ])
  })
})
