import { describe, expect, it } from 'vitest'
import { decideRun } from '#stats/decide-run.ts'
import { lookAt } from '#stats/look-at.ts'
import type { RoundStatistics } from '#stats/summarise-rounds.ts'
import { PLANNED_LOOKS, seededNormal, simulateRounds } from './build-measurements.ts'

const RUNS = 250

/** What later looks would have said of a run that the forecast stopped; null when it was not stopped by a forecast. */
function verdictLost(rounds: readonly RoundStatistics[]): string | null {
  for (const [index, roundsDone] of PLANNED_LOOKS.entries()) {
    const decision = lookAt([{ id: 'x', rounds: rounds.slice(0, roundsDone) }], { roundsDone, looks: PLANNED_LOOKS })
    if (decision.kind === 'continue') continue
    if (decision.reason !== 'forecast') return null
    const later = PLANNED_LOOKS.slice(index + 1).map(
      (count) => decideRun([{ id: 'x', rounds: rounds.slice(0, count) }]).verdict
    )
    return later.find((verdict) => verdict !== 'inconclusive') ?? 'inconclusive'
  }
  return null
}

function countLost(spread: number, slowdown: number) {
  const normal = seededNormal(7)
  const counts = { stopped: 0, regression: 0, passed: 0 }
  for (let run = 0; run < RUNS; run += 1) {
    const lost = verdictLost(simulateRounds(normal, 24, spread, slowdown))
    if (lost === null) continue
    counts.stopped += 1
    if (lost === 'regression') counts.regression += 1
    else if (lost !== 'inconclusive') counts.passed += 1
  }
  return counts
}

describe('the forecast, on simulated rounds', () => {
  it('ends most runs that are too noisy to pass and loses hardly any verdict', () => {
    const counts = countLost(0.06, 0)

    expect(counts.stopped).toBeGreaterThan(0.5 * RUNS)
    expect(counts.regression).toBeLessThanOrEqual(0.01 * RUNS)
    expect(counts.passed).toBeLessThanOrEqual(0.02 * RUNS)
  })

  it('does not stop what would soon be called a regression', () => {
    const counts = countLost(0.04, 0.05)

    expect(counts.regression).toBeLessThanOrEqual(0.01 * RUNS)
  })
})
