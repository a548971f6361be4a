import { describe, expect, it } from 'vitest'
import type { Side } from '#contracts/identifiers.ts'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { rulesOf } from '#stats/decision-rules.ts'
import { isUnsteady } from '#stats/is-unsteady.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { lookAt } from '#stats/look-at.ts'
import { findDrift, slopeOf } from '#stats/measure-drift.ts'
import { summariseRounds } from '#stats/summarise-rounds.ts'
import { roundWith, seededNormal, simulateCase } from './build-measurements.ts'

const RULES = rulesOf()

function roundsWithSlopes(slopes: readonly (number | null)[]) {
  return slopes.map((slope, launch) => ({ ...roundWith(launch), slope }))
}

interface WarmUp {
  readonly side: Side
  /** How much slower the first requests of a round are; it fades by e every third of a round. */
  readonly excess: number
  readonly slowdown?: number
  readonly launches?: number
}

/** A case in which one side starts every round cold, or (with a negative excess) gets slower and slower. */
function simulateWarmUp({ side, excess, slowdown = 1, launches = 9 }: WarmUp): MeasuredCase {
  const quads = 60
  const simulated = simulateCase({ launches, quads, slowdown, scatter: 0.02, seed: 8 })
  const blocks = simulated.blocks.map((item) => {
    const factor = item.side === side ? 1 + excess * Math.exp((-3 * item.quad) / quads) : 1
    return { ...item, latenciesNs: item.latenciesNs.map((latencyNs) => latencyNs * factor) }
  })
  return { ...simulated, blocks }
}

function judgeOne(measured: MeasuredCase) {
  const [only] = judgeRun({ cases: [measured] }).cases
  if (only === undefined) throw new Error('no case')
  return only
}

describe('slopeOf', () => {
  it('is the change from the first to the last value of a straight line', () => {
    expect(slopeOf([0, 1, 2, 3, 4, 5, 6, 7, 8])).toBeCloseTo(8, 12)
    expect(slopeOf([5, 3, 1, -1])).toBeCloseTo(-6, 12)
  })

  it('is not moved by one wild value', () => {
    expect(slopeOf([0, 99, 2, 3, 4, 5, 6, 7, 8])).toBeCloseTo(7 / 0.75 - 2 / 0.75, 12)
    expect(slopeOf([1, 1, 1, 1, 1, 1, 1, -50, 1])).toBe(0)
  })

  it('needs four values', () => {
    expect(slopeOf([1, 2, 3])).toBeNull()
    expect(slopeOf([])).toBeNull()
  })
})

describe('findDrift', () => {
  it('finds slopes that agree', () => {
    const drift = findDrift(roundsWithSlopes([-0.1, -0.11, -0.09, -0.1, -0.12, -0.08]), RULES)

    expect(drift?.change).toBeCloseTo(-0.1, 12)
    expect(drift?.pValue).toBeLessThan(0.001)
  })

  it('asks for more certainty the more cases a run has', () => {
    // t = 0.1 / (0.032 / √5) = 7.0 on 5 degrees of freedom: p = 0.0009.
    const rounds = roundsWithSlopes([0.132, 0.068, 0.132, 0.068, 0.132, 0.068])

    expect(findDrift(rounds, RULES)).not.toBeNull()
    expect(findDrift(rounds, RULES, 50)).toBeNull()
  })

  it('finds none in slopes that do not, in too few, and where there are none', () => {
    expect(findDrift(roundsWithSlopes([-0.1, 0.11, -0.09, 0.1, -0.12, -0.08]), RULES)).toBeNull()
    expect(findDrift(roundsWithSlopes([-0.1, -0.11, -0.09, -0.1, -0.12]), RULES)).toBeNull()
    expect(findDrift(roundsWithSlopes([null, null, null, null, null, null, -0.1]), RULES)).toBeNull()
  })

  it('hardly ever takes chance for a drift', () => {
    const normal = seededNormal(51)
    let found = 0
    for (let run = 0; run < 1000; run += 1) {
      const slopes = Array.from({ length: 9 }, () => 0.03 * normal())
      if (findDrift(roundsWithSlopes(slopes), RULES) !== null) found += 1
    }

    // p < 0.001: one of 1000 expected; 5 are exceeded with a chance of 0.06 %.
    expect(found).toBeLessThanOrEqual(5)
  })
})

describe('a case whose paired signal drifts', () => {
  it('is not called a regression while its candidate is still warming up', () => {
    const cold = judgeOne(simulateWarmUp({ side: 'candidate', excess: 0.2 }))

    expect(cold).toMatchObject({ verdict: 'inconclusive', reason: { kind: 'not_steady' } })
    expect(cold.metrics[0]?.relativeChange).toBeGreaterThan(0.02)
    expect(cold.metrics.map(({ verdict }) => verdict)).not.toContain('regression')
  })

  it('is not called an improvement while its baseline is', () => {
    const cold = judgeOne(simulateWarmUp({ side: 'baseline', excess: 0.2 }))

    expect(cold).toMatchObject({ verdict: 'inconclusive', reason: { kind: 'not_steady' } })
  })

  it('does not pass because a cold baseline hides the slower candidate', () => {
    const hidden = judgeOne(simulateWarmUp({ side: 'baseline', excess: 0.25, slowdown: 1.05 }))

    expect(hidden.metrics[0]?.relativeChange).toBeLessThan(0.02)
    expect(hidden).toMatchObject({ verdict: 'inconclusive', reason: { kind: 'not_steady' } })
  })

  it('is a regression when the candidate gets slower and slower, or is far slower all the same', () => {
    expect(judgeOne(simulateWarmUp({ side: 'candidate', excess: -0.2, slowdown: 1.3 })).verdict).toBe('regression')
    expect(judgeOne(simulateWarmUp({ side: 'candidate', excess: 0.1, slowdown: 1.5 })).verdict).toBe('regression')
  })

  it('keeps its verdict when the drift is too small to change it', () => {
    const slightly = simulateWarmUp({ side: 'candidate', excess: 0.01, launches: 12 })

    expect(findDrift(summariseRounds(slightly.blocks), RULES)).not.toBeNull()
    expect(judgeOne(slightly).verdict).toBe('unchanged')
  })
})

describe('isUnsteady', () => {
  const roundsOf = (warmUp: WarmUp) => [{ id: 'x', rounds: summariseRounds(simulateWarmUp(warmUp).blocks) }]

  it('asks for a longer warm-up where a drift keeps a case open, from six rounds on', () => {
    expect(isUnsteady(roundsOf({ side: 'candidate', excess: 0.2, launches: 6 }))).toBe(true)
    expect(isUnsteady(roundsOf({ side: 'candidate', excess: 0.2, launches: 5 }))).toBe(false)
  })

  it('does not where nothing drifts, or where the drift changes nothing', () => {
    expect(isUnsteady(roundsOf({ side: 'candidate', excess: 0 }))).toBe(false)
    expect(isUnsteady(roundsOf({ side: 'candidate', excess: 0.01, launches: 12 }))).toBe(false)
    expect(isUnsteady(roundsOf({ side: 'candidate', excess: 0.1, slowdown: 1.5, launches: 6 }))).toBe(false)
  })

  it('is followed by a stop when it stays so: more of the same rounds cannot settle it', () => {
    const cases = roundsOf({ side: 'baseline', excess: 0.2 })

    expect(lookAt(cases, { roundsDone: 9, looks: [6, 9, 12, 16] })).toEqual({ kind: 'stop', reason: 'forecast' })
  })
})
