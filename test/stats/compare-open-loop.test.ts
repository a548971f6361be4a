import { describe, expect, it } from 'vitest'
import type { Block } from '#contracts/measurements.ts'
import { summariseRounds } from '#stats/summarise-rounds.ts'
import { block } from './build-measurements.ts'

const SERVER = { scenario: 'server' } as const
const QUAD = ['baseline', 'candidate', 'candidate', 'baseline'] as const

function segment(
  side: Block['side'],
  latenciesNs: number[],
  rest: { readonly late?: number; readonly errors?: number; readonly lastNs?: number; readonly quad?: number } = {}
): Block {
  const { late = 0, errors = 0, lastNs = 1e9, quad = 0 } = rest
  const arrivals = latenciesNs.length + errors
  const load = { offeredPerS: 100, arrivals, late, timedOut: errors, dropped: 0, lastNs }
  return { ...block(side, latenciesNs, { quad, errors }), load }
}

/** Of the candidate: 40 requests without an answer, of which 7 ran out of time and 3 were dropped. */
function failingSegment(latenciesNs: number[]): Block {
  const load = { offeredPerS: 100, arrivals: latenciesNs.length + 40, late: 5, timedOut: 7, dropped: 3, lastNs: 1e9 }
  return { ...block('candidate', latenciesNs, { quad: 0, errors: 40 }), load }
}

/** A queue that builds up and drains, and the same one with every answer so much later. */
function queueUp(count: number, factor: number): number[] {
  return Array.from({ length: count }, (_, arrival) => factor * (1000 + 100 * (arrival % 37)))
}

function quadOf(count: number, factor: number, quad = 0): Block[] {
  return QUAD.map((side) => segment(side, queueUp(count, side === 'candidate' ? factor : 1), { quad }))
}

describe('an open loop', () => {
  it('compares the answers to the same arrivals, however the queue went', () => {
    const [round] = summariseRounds(quadOf(120, 1.1), SERVER)

    expect(round?.effects.p50?.slowdown).toBeCloseTo(Math.log(1.1), 12)
    expect(round?.effects.p95?.slowdown).toBeCloseTo(Math.log(1.1), 12)
    expect(round?.effects.p99?.slowdown).toBeCloseTo(Math.log(1.1), 12)
    expect(round?.effects.slow_share).toBeNull()
    expect(round?.slope).toBeNull()
  })

  it('is not moved by a jam that hits one side in one stretch of the arrivals, but for p99 of the segments', () => {
    const jammed = queueUp(120, 1).map((latencyNs, arrival) => (arrival < 12 ? latencyNs * 50 : latencyNs))
    const blocks = quadOf(120, 1).map((item, place) => (place === 1 ? { ...item, latenciesNs: jammed } : item))

    const [round] = summariseRounds(blocks, SERVER)

    expect(round?.effects.p50?.slowdown).toBe(0)
    expect(round?.effects.p95?.slowdown).toBe(0)
    expect(round?.effects.p99?.slowdown).toBeGreaterThan(0.5)
  })

  it('does not take the n-th answer for that of the n-th arrival where requests failed', () => {
    const shifted = queueUp(149, 1).slice(1)
    const blocks = QUAD.map((side) =>
      side === 'candidate' ? segment(side, shifted, { errors: 1 }) : segment(side, queueUp(148, 1))
    )

    const [round] = summariseRounds(blocks, SERVER)

    // Answer by answer the ratios would be those of neighbours; the middles of the segments are the same.
    expect(round?.effects.p50?.slowdown).toBeCloseTo(0, 12)
    expect(round?.effects.p95).not.toBeNull()
  })

  it('counts answers per second until the last one', () => {
    const blocks = QUAD.map((side) => segment(side, queueUp(60, 1), { lastNs: side === 'candidate' ? 1.25e9 : 1e9 }))

    const [round] = summariseRounds(blocks, SERVER)

    expect(round?.effects.throughput).toEqual({
      slowdown: expect.closeTo(Math.log(1.25), 12),
      baseline: expect.closeTo(1e9 / 60, 6),
      candidate: expect.closeTo(1.25e9 / 60, 6)
    })
  })

  it('tells service times apart from waiting where they were recorded', () => {
    const served = quadOf(40, 2).map((item) => ({
      ...item,
      series: { serviceNs: item.latenciesNs.map(() => (item.side === 'candidate' ? 103 : 100)) }
    }))

    expect(summariseRounds(served, SERVER)[0]?.effects.service_p50?.slowdown).toBeCloseTo(Math.log(1.03), 12)
    expect(summariseRounds(quadOf(40, 2), SERVER)[0]?.effects.service_p50).toBeNull()
  })

  it('does not assess tails that the segments are too short for', () => {
    const [round] = summariseRounds(quadOf(19, 1.1), SERVER)

    expect(round?.effects.p50).not.toBeNull()
    expect(round?.effects.p95).toBeNull()
    expect(round?.effects.p99).toBeNull()
  })
})

describe('late arrivals', () => {
  it('leave out the quad of both sides when the harness was late with more than 1 % of one side', () => {
    const late = quadOf(120, 9, 0).map((item, place) =>
      place === 0 ? segment('baseline', item.latenciesNs, { late: 3, errors: 40 }) : item
    )

    const [round] = summariseRounds([...late, ...quadOf(120, 1.1, 1)], SERVER)

    expect(round).toMatchObject({ lateQuads: 1, quads: 1, errors: { baseline: 0, candidate: 0 } })
    expect(round?.requests).toEqual({ baseline: 480, candidate: 480 })
    expect(round?.effects.p50?.slowdown).toBeCloseTo(Math.log(1.1), 12)
  })

  it('hide no request that the side itself failed', () => {
    const late = quadOf(60, 1).map(({ side, latenciesNs }) =>
      side === 'baseline' ? segment(side, latenciesNs, { late: 5 }) : failingSegment(latenciesNs)
    )

    const [round] = summariseRounds(late, SERVER)

    expect(round).toMatchObject({ lateQuads: 1, quads: 0, errors: { baseline: 0, candidate: 60 } })
    expect(round?.requests).toEqual({ baseline: 120, candidate: 120 })
  })

  it('count from the second one on, so that a short segment is not lost to one of them', () => {
    const one = quadOf(30, 1).map((item, place) => segment(item.side, item.latenciesNs, { late: place === 0 ? 1 : 0 }))
    const two = quadOf(30, 1).map((item, place) => segment(item.side, item.latenciesNs, { late: place === 0 ? 2 : 0 }))

    expect(summariseRounds(one, SERVER)[0]).toMatchObject({ lateQuads: 0, pairedRequests: 60 })
    expect(summariseRounds(two, SERVER)[0]).toMatchObject({ lateQuads: 1, pairedRequests: 0 })
  })

  it('at exactly 1 % are accepted', () => {
    const blocks = quadOf(100, 1).map((item) => segment(item.side, item.latenciesNs, { late: 1 }))

    expect(summariseRounds(blocks, SERVER)[0]?.lateQuads).toBe(0)
  })
})
