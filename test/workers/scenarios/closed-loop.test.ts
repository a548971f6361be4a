import { expect, test } from 'vitest'
import { runClosedLoop } from '#workers/scenarios/closed-loop.ts'

test('sends the requests one after the other, numbered on from the first', async () => {
  const sent: number[] = []
  let underWay = 0

  const { latenciesNs, errors } = await runClosedLoop(
    async (index) => {
      underWay += 1
      expect(underWay).toBe(1)
      sent.push(index)
      await Promise.resolve()
      underWay -= 1
    },
    4,
    10
  )

  expect(sent).toEqual([10, 11, 12, 13])
  expect(errors).toBe(0)
  expect(latenciesNs.length).toBe(4)
  expect(latenciesNs.every((latencyNs) => Number.isSafeInteger(latencyNs) && latencyNs > 0)).toBe(true)
})

test('counts failed requests, which have no latency', async () => {
  const { latenciesNs, errors } = await runClosedLoop(async (index) => {
    if (index % 2 === 0) throw new Error('failed')
  }, 5)

  expect({ errors, successes: latenciesNs.length }).toEqual({ errors: 3, successes: 2 })
})
