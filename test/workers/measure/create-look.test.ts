import { describe, expect, test } from 'vitest'
import type { CaseRounds } from '#stats/assess-case.ts'
import { summariseRounds } from '#stats/summarise-rounds.ts'
import { PLANNED_LOOKS, type SimulatedCase, simulateCase } from '#test/stats/build-measurements.ts'
import { createLook, type LookContext } from '#workers/measure/create-look.ts'

const LOOKS = { looks: [...PLANNED_LOOKS], design: { kind: 'planned_looks' } } as const
const START_OVER = { kind: 'start_over' }

function rounds(options: SimulatedCase): CaseRounds {
  const { id, blocks } = simulateCase({ quads: 60, ...options })
  return { id, rounds: summariseRounds(blocks) }
}

function look(cases: readonly CaseRounds[], context: Partial<LookContext> = {}, plan = { ...LOOKS }) {
  const roundsDone = cases[0]?.rounds.length ?? 0
  return createLook({ ...plan, looks: [...plan.looks] })(cases, {
    roundsDone,
    settled: [],
    mayStartOver: true,
    ...context
  })
}

describe('createLook', () => {
  test('starts over where a drift holds a case up and there may still be a start', () => {
    const cold = [rounds({ coldExcess: 0.2, launches: 6 })]

    expect(look(cold)).toEqual(START_OVER)
    expect(look(cold, { mayStartOver: false })).toEqual({ kind: 'continue' })
  })

  test('does so rather than give up', () => {
    const cold = [rounds({ coldExcess: -0.15, launches: 9 })]

    expect(look(cold)).toEqual(START_OVER)
    expect(look(cold, { mayStartOver: false })).toEqual({ kind: 'stop', reason: 'forecast' })
  })

  test('never starts over between looks, nor at the last round', () => {
    const cold = [rounds({ coldExcess: 0.2, launches: 6 })]

    expect(look(cold, { roundsDone: 7 }, { ...LOOKS, looks: [6, 9] })).toEqual({ kind: 'continue' })
    expect(look(cold, {}, { ...LOOKS, looks: [6] })).toEqual({ kind: 'stop', reason: 'max_rounds' })
  })

  test('a regression ends the run even while another case is held up', () => {
    const cold = rounds({ coldExcess: 0.2, launches: 6 })
    const slower = rounds({ id: 'slower', slowdown: 1.2, launches: 6 })

    expect(look([cold, slower])).toEqual({ kind: 'stop', reason: 'regression' })
  })

  test('steady cases pass, and one that has settled needs no further rounds', () => {
    const steady = rounds({ id: 'steady', launches: 6, quads: 20 })
    const scattered = rounds({ id: 'scattered', launchScatter: 0.03, launches: 7, seed: 3 })

    expect(look([steady])).toEqual({ kind: 'stop', reason: 'pass' })
    expect(look([steady, scattered], { roundsDone: 7, settled: [{ id: 'steady', reason: 'pass' }] })).toEqual({
      kind: 'continue',
      settled: [{ id: 'steady', reason: 'pass' }]
    })
  })
})
