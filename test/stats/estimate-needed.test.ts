import { describe, expect, it } from 'vitest'
import type { CaseRounds } from '#stats/assess-case.ts'
import { decideRun } from '#stats/decide-run.ts'
import { rulesOf } from '#stats/decision-rules.ts'
import { estimateNeeded } from '#stats/estimate-needed.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { roundWith, seededNormal, simulateCase, simulateRounds } from './build-measurements.ts'

/** Of 2 s each; p50 alternates around zero. */
function alternating(count: number, scatter: number): CaseRounds['rounds'] {
  return Array.from({ length: count }, (_, launch) => roundWith(launch, { p50: launch % 2 === 0 ? scatter : -scatter }))
}

function neededFor(rounds: CaseRounds['rounds'], design: 'planned_looks' | 'open_ended' = 'planned_looks') {
  const [decided] = decideRun([{ id: 'x', rounds }], { design: { kind: design } }).cases
  return decided === undefined ? null : estimateNeeded(decided, rounds, rulesOf({ kind: design }))
}

describe('estimateNeeded', () => {
  it('gives the rounds that make the interval narrow enough, and their time', () => {
    // Trimmed by 2 at each end, se = √(16 · 0.04² / (12 · 11)) = 0.01393. At n rounds, with df = n − 2 · ⌊0.15 n⌋ − 1, the
    // interval needs (t(df; 0.993) + t(df; 0.9)) · se · √(16 / n) < ln 1.02 = 0.01980: 0.01985 at 114 rounds, 0.01976 at 115.
    expect(neededFor(alternating(16, 0.04))).toEqual({ rounds: 115 - 16, measuringMs: 99 * 2000 })
  })

  it('goes by the widest metric that decides, not by the tail', () => {
    const rounds = alternating(16, 0.04)
    const wideTail = rounds.map((round, index) => ({
      ...round,
      effects: { ...round.effects, p99: { slowdown: index % 2, baseline: 1, candidate: 1 } }
    }))

    expect(neededFor(wideTail)).toEqual(neededFor(rounds))
  })

  it('asks for more in an open-ended run', () => {
    const rounds = alternating(20, 0.04)

    expect(neededFor(rounds, 'open_ended')?.rounds).toBeGreaterThan(neededFor(rounds)?.rounds ?? Number.NaN)
  })

  it('is nothing for a case that is settled, too short or narrow enough', () => {
    expect(neededFor(alternating(16, 0.001))).toBeNull()
    expect(neededFor(alternating(5, 0.04))).toBeNull()
    // Narrow, but on the margin: more rounds of the same are no answer.
    expect(
      neededFor(Array.from({ length: 16 }, (_, launch) => roundWith(launch, { p50: 0.0195 + 0.001 * (launch % 2) })))
    ).toBeNull()
  })

  it('stops at a thousand rounds', () => {
    expect(neededFor(alternating(12, 3))).toEqual({ rounds: 1000, measuringMs: 2_000_000 })
  })

  it('is enough for identical code to pass in about 80 % of runs', () => {
    const normal = seededNormal(61)
    // For Gaussian rounds of 4 % spread the same formula gives 66 rounds in total.
    let passed = 0
    for (let run = 0; run < 200; run += 1) {
      const rounds = simulateRounds(normal, 66, 0.04).map((round) => ({
        ...round,
        effects: { ...roundWith(round.launch).effects, p50: round.effects.p50 }
      }))
      if (decideRun([{ id: 'x', rounds }]).verdict === 'unchanged') passed += 1
    }

    // 160 expected; fewer than 141 or more than 177 with a chance of 0.2 %.
    expect(passed).toBeGreaterThanOrEqual(141)
    expect(passed).toBeLessThanOrEqual(177)
  })

  it('is shown with the comparison', () => {
    const [noisy] = judgeRun({ cases: [simulateCase({ launches: 9, quads: 6, launchScatter: 0.05 })] }).cases

    expect(noisy?.reason).toEqual({ kind: 'straddles_margin' })
    expect(noisy?.needed?.rounds).toBeGreaterThan(9)
    // 24 blocks of 1 ms make a round.
    expect(noisy?.needed?.measuringMs).toBeCloseTo((noisy?.needed?.rounds ?? 0) * 24, 6)
  })
})
