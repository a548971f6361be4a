import { describe, expect, test } from 'vitest'
import type { StopReason } from '#contracts/benchmark-result.ts'
import { explainStop } from '#src/report/explain-stop.ts'
import type { InconclusiveReason } from '#stats/verdict.ts'
import { CASE_ID, measuredFacts } from './sample-outcomes.ts'

const OPEN: InconclusiveReason = { kind: 'straddles_margin' }

function explain(stopReason: StopReason, reason: InconclusiveReason | null = OPEN) {
  return explainStop([measuredFacts(CASE_ID, { stopReason })], CASE_ID, reason)
}

describe('why measuring ended', () => {
  test.each([
    ['forecast', 'could not have settled this within the rounds allowed'],
    ['out_of_time', 'The time limit of the job came before a decision.'],
    ['regression', 'when a regression was certain']
  ] as const)('%s is told', (stopReason, words) => {
    expect(explain(stopReason)?.why).toContain(words)
  })

  test.each(['pass', 'max_rounds'] as const)('%s needs no words', (stopReason) => {
    expect(explain(stopReason)).toBeNull()
  })

  test.each<InconclusiveReason | null>([
    { kind: 'error_rates_differ', pValue: 0.001 },
    { kind: 'below_absolute_floor', floorNs: 2000 },
    null
  ])('says nothing where more rounds would not have helped: %j', (reason) => {
    expect(explain('out_of_time', reason)).toBeNull()
  })

  test('says nothing about a case that the worker says nothing about', () => {
    expect(explainStop([], CASE_ID, OPEN)).toBeNull()
  })
})
