import { describe, expect, test } from 'vitest'
import type { CaseResult } from '#contracts/benchmark-result.ts'
import type { Budgets } from '#contracts/budgets.ts'
import { concludeOutcome } from '#src/report/conclusion.ts'
import { sampleBlocks } from '../sample-run.ts'
import { asked, CASE_ID, judgeCases, measuredResult, nineRounds, round, sampleSpec } from './sample-answer.ts'

const STOPPED = { host: { throttling: { periods: 100, throttledPeriods: 30, throttledUs: 9000 } } }

/** Requests take a millisecond on the baseline. */
function judgeWith(budgets: Budgets, result: CaseResult) {
  return judgeCases(asked([sampleSpec({ budgets })]), [result])
}

describe('an absolute limit', () => {
  test.each([
    ['kept', { p50Ms: 1.3 }, 'kept', 'success'],
    ['broken', { p50Ms: 1.1 }, 'broken', 'failure'],
    ['too near', { p50Ms: 1.2 }, 'undecided', 'neutral'],
    ['not measured', { memoryPeakMb: 5 }, 'undecided', 'neutral'],
    ['on requests per second, broken', { minThroughputPerS: 900 }, 'broken', 'failure']
  ] as const)('that is %s', (_name, budgets, verdict, conclusion) => {
    const improved = measuredResult(1.2, { blocks: improvedBlocks() })
    const judged = judgeWith(budgets, improved)

    expect(judged.comparison.verdict).toBe('improvement')
    expect(judged.checks[0]?.budgets).toMatchObject([{ caseId: CASE_ID, verdict }])
    expect(concludeOutcome(judged)).toBe(conclusion)
  })

  test('that is broken ends neutral under an advisory gate, and doubt as on_inconclusive says', () => {
    const broken = judgeWith({ p50Ms: 0.9 }, measuredResult(1))
    const undecided = judgeWith({ p50Ms: 1 }, measuredResult(1))

    expect(concludeOutcome({ ...broken, gate: 'advisory', onInconclusive: 'failure' })).toBe('neutral')
    expect(concludeOutcome({ ...undecided, gate: 'advisory', onInconclusive: 'failure' })).toBe('failure')
  })

  test('is undecided before six rounds', () => {
    const blocks = sampleBlocks(1).filter(({ launch }) => launch < 5)

    const judged = judgeWith({ p50Ms: 0.1 }, measuredResult(1, { blocks }))

    expect(judged.checks[0]?.budgets).toMatchObject([{ verdict: 'undecided', reason: 'too_few_rounds', rounds: 5 }])
  })

  test('on memory is judged by the record of the machine, without the rounds that were thrown away', () => {
    const hot = { gpu: { reasons: [{ reason: 'hw_thermal' as const, samples: 2, activeUs: 5000 }] } }
    const environment = nineRounds((launch) => {
      const peak = launch < 2 ? 90e6 : 3e6
      return round(launch, launch < 2 ? hot : {}, {
        baseline: { peakRssBytes: 9e6 },
        candidate: { peakRssBytes: peak + launch }
      })
    })

    const judged = judgeWith({ memoryPeakMb: 5 }, measuredResult(1, { environment }))

    expect(judged.checks[0]?.budgets).toMatchObject([{ verdict: 'kept', rounds: 7, baseline: { verdict: 'broken' } }])
  })

  test('on time says nothing on a machine that was disturbed; one on memory does', () => {
    const environment = nineRounds((launch) => round(launch, STOPPED, { candidate: { peakRssBytes: 9e6 + launch } }))

    const judged = judgeWith({ p50Ms: 0.1, memoryPeakMb: 5 }, measuredResult(1, { environment }))

    expect(judged.checks[0]?.budgets).toMatchObject([
      { name: 'memoryPeakMb', verdict: 'broken' },
      { name: 'p50Ms', verdict: 'undecided', reason: 'environment' }
    ])
  })

  test('of a ramp is judged by the objective of its scenario', () => {
    const spec = sampleSpec({
      scenario: {
        kind: 'ramp',
        fromPerS: 10,
        toPerS: 30,
        steps: 3,
        arrival: 'constant',
        instances: 1,
        slo: { percentile: 'p50', latencyMs: 5 },
        seed: 1
      },
      budgets: { minSustainedRatePerS: 10 }
    })
    const blocks = sampleBlocks(1)
      .filter(({ quad }) => quad < 3)
      .map((block) => {
        const offeredPerS = 10 * (block.quad + 1)
        const load = { offeredPerS, arrivals: 15, late: 0, timedOut: 0, dropped: 0, lastNs: (15 * 1e9) / offeredPerS }
        return { ...block, load }
      })

    const judged = judgeCases(asked([spec]), [measuredResult(1, { blocks })])

    expect(judged.comparison.cases[0]).toMatchObject({ scenario: 'ramp', facts: { kind: 'ramp' } })
    expect(judged.checks[0]?.budgets).toMatchObject([{ name: 'minSustainedRatePerS', verdict: 'kept' }])
  })
})

/** A baseline of two milliseconds that the candidate, at 1.2, improves on. */
function improvedBlocks() {
  return sampleBlocks(1.2).map((block) =>
    block.side === 'candidate'
      ? block
      : { ...block, wallNs: 2 * block.wallNs, latenciesNs: block.latenciesNs.map((latencyNs) => 2 * latencyNs) }
  )
}

describe('the cost', () => {
  const price = { perHour: 3.6, currency: 'EUR' }

  test('of a million inferences follows from the rate that was measured', () => {
    const offline = sampleSpec({ scenario: { kind: 'offline', batchSize: 10 } })

    const judged = judgeCases(asked([offline], { price }), [measuredResult(2)])

    // 3.6 an hour, a thousand batches a second, ten inferences each: 0.1 for a million.
    expect(judged.checks[0]?.cost).toMatchObject({
      of: 'inferences',
      currency: 'EUR',
      baseline: expect.closeTo(0.1, 3),
      candidate: expect.closeTo(0.2, 3),
      relativeChange: expect.closeTo(1, 2)
    })
  })

  test('is not told without a price', () => {
    expect(judgeCases(asked([sampleSpec()]), [measuredResult(2)]).checks[0]?.cost).toBeNull()
  })
})
