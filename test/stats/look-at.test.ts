import { describe, expect, it } from 'vitest'
import type { Metric } from '#contracts/metric.ts'
import { type Look, lookAt } from '#stats/look-at.ts'
import { type RoundStatistics, summariseRounds } from '#stats/summarise-rounds.ts'
import { PLANNED_LOOKS, roundWith, simulateCase } from './build-measurements.ts'

const LOOKS = [6, 9, 12, 16]

/** Rounds whose metrics alternate around their value by ± `scatter`. */
function rounds(
  count: number,
  slowdowns: Partial<Record<Metric, number | null>> = {},
  scatter: Partial<Record<Metric, number>> = {}
): RoundStatistics[] {
  return Array.from({ length: count }, (_, launch) => {
    const at = (metric: Metric) => {
      const center = slowdowns[metric] === undefined ? 0 : slowdowns[metric]
      return center === null ? null : center + (launch % 2 === 0 ? 1 : -1) * (scatter[metric] ?? 0.001)
    }
    return roundWith(launch, {
      p50: at('p50'),
      throughput: at('throughput'),
      p95: at('p95'),
      p99: at('p99'),
      slow_share: at('slow_share')
    })
  })
}

function look(measured: readonly RoundStatistics[], options: Partial<Look> = {}) {
  return lookAt([{ id: 'x', rounds: measured }], { roundsDone: measured.length, looks: LOOKS, ...options })
}

describe('lookAt', () => {
  it('stops at the first look for a clear regression', () => {
    expect(look(rounds(6, { p50: 0.1 }))).toEqual({ kind: 'stop', reason: 'regression' })
  })

  it('decides nothing between the looks, however clear it is', () => {
    for (const count of [1, 5, 7, 8, 10]) expect(look(rounds(count, { p50: 0.1 }))).toEqual({ kind: 'continue' })
  })

  it('passes from six rounds on', () => {
    expect(look(rounds(5), { looks: [5, 6] })).toEqual({ kind: 'continue' })
    expect(look(rounds(6))).toEqual({ kind: 'stop', reason: 'pass' })
  })

  it('passes an improvement', () => {
    expect(look(rounds(9, { p50: -0.1, throughput: -0.1 }))).toEqual({ kind: 'stop', reason: 'pass' })
  })

  it('does not let p99 and slow share hold up a pass', () => {
    expect(look(rounds(10, {}, { p99: 0.5, slow_share: 0.1 }), { looks: [10, 16] })).toEqual({
      kind: 'stop',
      reason: 'pass'
    })
  })

  it('goes on while p99 or slow share looks slower, and passes when it no longer does or no look is left', () => {
    // On 5 degrees of freedom the one-sided p of t = 0.03 / (0.05 / √5) = 1.34 is 0.12, that of 0.45 is 0.34.
    const slowShare = (slower: number) => rounds(6, { slow_share: slower }, { slow_share: 0.05 })

    expect(look(slowShare(0.03))).toEqual({ kind: 'continue' })
    expect(look(rounds(6, { p99: 0.06 }, { p99: 0.1 }))).toEqual({ kind: 'continue' })
    expect(look(slowShare(0.01))).toEqual({ kind: 'stop', reason: 'pass' })
    expect(look(slowShare(-0.03))).toEqual({ kind: 'stop', reason: 'pass' })
    expect(look(slowShare(0.03), { looks: [6] })).toEqual({ kind: 'stop', reason: 'max_rounds' })
  })

  it('fails on p99 or slow share alone', () => {
    expect(look(rounds(9, { p99: 0.3 }))).toEqual({ kind: 'stop', reason: 'regression' })
    expect(look(rounds(9, { slow_share: 0.05 }))).toEqual({ kind: 'stop', reason: 'regression' })
  })

  it('does not let a tail that cannot be assessed hold up a pass', () => {
    expect(look(rounds(9, { p95: null, p99: null, slow_share: null }))).toEqual({ kind: 'stop', reason: 'pass' })
  })

  it('goes on while p95 straddles its margin and may still settle', () => {
    expect(look(rounds(9, { p95: 0.03 }, { p95: 0.03 }))).toEqual({ kind: 'continue' })
  })

  it('stops with a forecast when more rounds cannot narrow the interval enough', () => {
    expect(look(rounds(9, { p50: -0.02 }, { p50: 0.1 }))).toEqual({ kind: 'stop', reason: 'forecast' })
  })

  it('makes no forecast at six rounds', () => {
    expect(look(rounds(6, { p50: -0.02 }, { p50: 0.1 }))).toEqual({ kind: 'continue' })
  })

  it('makes no forecast while a regression is in reach', () => {
    expect(look(rounds(9, { p50: 0.08 }, { p50: 0.1 }))).toEqual({ kind: 'continue' })
    expect(look(rounds(9, { p50: -0.02, p99: 0.12 }, { p50: 0.1, p99: 0.15 }))).toEqual({ kind: 'continue' })
  })

  it('makes no forecast while a noisy metric may still turn out improved', () => {
    expect(look(rounds(9, { p50: -0.15 }, { p50: 0.15 }))).toEqual({ kind: 'continue' })
    expect(look(rounds(9, { p50: -0.15, p95: -0.02 }, { p50: 0.15, p95: 0.3 }))).toEqual({
      kind: 'stop',
      reason: 'forecast'
    })
  })

  it('stops for good at the last look', () => {
    const noisy = rounds(16, { p50: 0.02 }, { p50: 0.1 })

    expect(look(noisy)).toEqual({ kind: 'stop', reason: 'max_rounds' })
    expect(look(rounds(17))).toEqual({ kind: 'stop', reason: 'pass' })
    expect(look(rounds(3), { looks: [2, 3] })).toEqual({ kind: 'stop', reason: 'max_rounds' })
  })

  it('needs every case to pass, and one to fail', () => {
    const good = { id: 'good', rounds: rounds(9) }
    const open = { id: 'open', rounds: rounds(9, { p95: 0.03 }, { p95: 0.03 }) }
    const bad = { id: 'bad', rounds: rounds(9, { p50: 0.1 }) }
    const at = { roundsDone: 9, looks: LOOKS }

    expect(lookAt([good, open], at).kind).toBe('continue')
    expect(lookAt([good, open, bad], at)).toEqual({ kind: 'stop', reason: 'regression' })
    expect(lookAt([], at)).toEqual({ kind: 'continue' })
  })

  it('settles the cases that pass or cannot, and goes on with the others', () => {
    const good = { id: 'good', rounds: rounds(9) }
    const open = { id: 'open', rounds: rounds(9, { p95: 0.03 }, { p95: 0.03 }) }
    const hopeless = { id: 'hopeless', rounds: rounds(9, { p50: -0.02 }, { p50: 0.1 }) }
    const settled = [
      { id: 'good', reason: 'pass' },
      { id: 'hopeless', reason: 'forecast' }
    ]

    expect(lookAt([good, open, hopeless], { roundsDone: 9, looks: LOOKS })).toEqual({ kind: 'continue', settled })
    expect(lookAt([good, hopeless], { roundsDone: 9, looks: LOOKS })).toEqual({ kind: 'stop', reason: 'forecast' })
  })

  it('takes settled cases as they are, and stops when the last open one ends', () => {
    const good = { id: 'good', rounds: rounds(9) }
    const settled = [{ id: 'good', reason: 'pass' as const }]
    const at = { roundsDone: 12, looks: LOOKS, settled }
    const open = (count: number) => ({ id: 'open', rounds: rounds(count, { p95: 0.03 }, { p95: 0.03 }) })

    expect(lookAt([good, open(12)], at)).toEqual({ kind: 'continue', settled })
    expect(lookAt([good, { id: 'open', rounds: rounds(12) }], at)).toEqual({ kind: 'stop', reason: 'pass' })
    expect(lookAt([good, { id: 'open', rounds: rounds(12, { p50: 0.1 }) }], at)).toEqual({
      kind: 'stop',
      reason: 'regression'
    })
    expect(lookAt([good, { id: 'open', rounds: rounds(12, { p50: -0.02 }, { p50: 0.1 }) }], at)).toEqual({
      kind: 'stop',
      reason: 'forecast'
    })
  })

  it('does not settle an improvement that other cases could still make uncertain', () => {
    const others = [
      { id: 'open', rounds: rounds(9, { p95: 0.03 }, { p95: 0.03 }) },
      { id: 'fast', rounds: rounds(9, { p50: -0.2, throughput: -0.2, p95: -0.2 }) }
    ]
    // t = 0.06 / (0.04 / √8) = 4.2, p = 0.003: enough after three tests at the top are rejected, not among all fifteen.
    const faster = { id: 'faster', rounds: rounds(9, { p50: -0.06 }, { p50: 0.04 }) }
    const strictly = { id: 'faster', rounds: rounds(9, { p50: -0.06 }, { p50: 0.01 }) }
    const settledOf = (cases: Parameters<typeof lookAt>[0]) => {
      const decision = lookAt(cases, { roundsDone: 9, looks: LOOKS })
      return decision.kind === 'continue' ? decision.settled?.map(({ id }) => id) : decision
    }

    expect(settledOf([...others, faster])).toEqual(['fast'])
    expect(settledOf([...others, strictly])).toEqual(['fast', 'faster'])
  })

  it('does not settle an improvement that metrics which are assessed later could make uncertain', () => {
    // p = 0.0008: enough among the eight tests that there are, not among the ten that there will be.
    const faster = { id: 'faster', rounds: rounds(9, { p50: -0.06 }, { p50: 0.02 }) }
    const open = rounds(9, { p95: 0.03 }, { p95: 0.03 }).map((round, launch) =>
      launch < 3 ? { ...round, effects: { ...round.effects, p99: null, slow_share: null } } : round
    )

    expect(lookAt([faster, { id: 'open', rounds: open }], { roundsDone: 9, looks: LOOKS })).toEqual({
      kind: 'continue'
    })
  })

  it('counts only rounds that measured both sides', () => {
    const lost: RoundStatistics = { ...roundWith(5, { p50: null, throughput: null }), pairedRequests: 0 }

    expect(look([...rounds(5), lost])).toEqual({ kind: 'continue' })
  })

  it('stops when errors differ, because no latency can pass then', () => {
    const failing = rounds(9).map((round) => ({ ...round, errors: { baseline: 0, candidate: 5 } }))

    expect(look(failing)).toEqual({ kind: 'stop', reason: 'forecast' })
  })

  it('follows the thresholds of the case', () => {
    const slower = rounds(9, { p50: 0.05 })

    expect(lookAt([{ id: 'x', thresholds: { p50: 0.2 }, rounds: slower }], { roundsDone: 9, looks: LOOKS })).toEqual({
      kind: 'stop',
      reason: 'pass'
    })
  })

  it('asks for more certainty when the run is open-ended', () => {
    const openEnded = { design: { kind: 'open_ended' as const }, looks: Array.from({ length: 195 }, (_, i) => i + 6) }
    const planned = { looks: PLANNED_LOOKS }
    // t = 0.03 / (0.01 / √5) = 6.7 on 5 degrees of freedom: p = 0.0011.
    const slower = rounds(6, { p50: 0.03 }, { p50: 0.01 })

    expect(look(slower, planned)).toEqual({ kind: 'stop', reason: 'regression' })
    expect(look(slower, openEnded)).toEqual({ kind: 'continue' })
    expect(look(rounds(10, { p50: 0.03 }, { p50: 0.01 }), openEnded)).toEqual({ kind: 'stop', reason: 'regression' })
    expect(look(rounds(6, {}, { p50: 0.01 }), planned)).toEqual({ kind: 'stop', reason: 'pass' })
    expect(look(rounds(6, {}, { p50: 0.01 }), openEnded)).toEqual({ kind: 'stop', reason: 'pass' })
    expect(look(rounds(6, {}, { p50: 0.0115 }), planned)).toEqual({ kind: 'stop', reason: 'pass' })
    expect(look(rounds(6, {}, { p50: 0.0115 }), openEnded)).toEqual({ kind: 'continue' })
  })

  it('goes on in an open-ended run where the planned rounds would be hopeless', () => {
    const openEnded = { design: { kind: 'open_ended' as const }, looks: [12, 200] }
    const noisy = rounds(12, { p50: -0.01 }, { p50: 0.06 })

    expect(look(noisy)).toEqual({ kind: 'stop', reason: 'forecast' })
    expect(look(noisy, openEnded)).toEqual({ kind: 'continue' })
  })

  it('takes rounds that were summarised launch by launch', () => {
    const { blocks } = simulateCase({ slowdown: 1.1 })
    const kept = [...Array(6).keys()].flatMap((launch) =>
      summariseRounds(blocks.filter((item) => item.launch === launch))
    )

    expect(look(kept)).toEqual({ kind: 'stop', reason: 'regression' })
  })
})
