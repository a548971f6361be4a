import { expect, test } from 'vitest'
import { createDelays, judgeArm, planArms } from '#src/cli/calibrate/judge-injection.ts'
import { renderInjections } from '#src/cli/calibrate/render-injection.ts'
import { simulateBlocks } from '#test/fixtures/calibrations/simulate-rounds.ts'
import { caseSpec } from '#test/fixtures/measuring/small-job.ts'

const ARMS = planArms(
  [
    { fraction: 0, share: 1 },
    { fraction: 0.1, share: 1 }
  ],
  [caseSpec('vad')]
)
const PLAN = { looks: [6, 9, 12, 16], design: { kind: 'planned_looks' } } as const

function judge(arm: number, bias: number, launches = 16) {
  const planned = ARMS[arm]
  const id = planned?.cases[0]?.measured.id
  if (planned === undefined || id === undefined) throw new Error('No such arm.')
  const blocks = simulateBlocks({ launches, quads: 24, requestSd: 0.02, launchSd: 0, bias, seed: 1 })
  return judgeArm(planned, new Map([[id, blocks]]), { ...PLAN, looks: [...PLAN.looks] })
}

test('a slowdown that was realised is found at the first look', () => {
  const judged = judge(1, 0.1)

  expect(judged).toMatchObject({ id: 'slower-10pct', rounds: 6, asExpected: true })
  expect(judged.comparison.cases[0]).toMatchObject({ id: 'vad/default/single_stream', rounds: 6 })
  expect(renderInjections([judged])).toContain('Found: regression after 6 rounds.')
})

test('a slowdown that does not show is not found', () => {
  const judged = judge(1, 0)

  expect(judged).toMatchObject({ rounds: 6, asExpected: false })
  expect(renderInjections([judged])).toContain('NOT FOUND: unchanged after 6 rounds.')
})

test('identical code must not be called a regression', () => {
  expect(judge(0, 0)).toMatchObject({ asExpected: true })
  expect(judge(0, 0.1)).toMatchObject({ asExpected: false })
})

test('rounds that end before a look are judged as far as they go', () => {
  expect(judge(1, 0.1, 7)).toMatchObject({ rounds: 6, asExpected: true })
  expect(judge(1, 0.1, 4)).toMatchObject({ rounds: 4, asExpected: false })
})

test('the worker is told what to inject by case and launch; identical code gets nothing', () => {
  const delayOf = createDelays(ARMS)

  expect(delayOf('vad/default/single_stream/slower-0pct', 0)).toBeNull()
  expect(delayOf('vad/default/single_stream', 0)).toBeNull()
  const first = delayOf('vad/default/single_stream/slower-10pct', 0)
  const second = delayOf('vad/default/single_stream/slower-10pct', 1)
  expect(first).toMatchObject({ fraction: 0.1, share: 1 })
  expect(second?.seed).not.toBe(first?.seed)
})
