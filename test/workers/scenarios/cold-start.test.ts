import { expect, test } from 'vitest'
import { measureColdStart, readyNs } from '#workers/scenarios/cold-start.ts'

/** Steps that take so many milliseconds by a clock of their own. */
function steps(tookMs: { require: number; create: number; prepare: number; first: number }) {
  let nowMs = 50
  const take = async (ms: number) => {
    nowMs += ms
  }
  return {
    nowMs: () => nowMs,
    require: () => take(tookMs.require),
    create: () => take(tookMs.create),
    prepare: async () => {
      await take(tookMs.prepare)
      return () => take(tookMs.first)
    }
  }
}

test('each phase has its own time, and making the input has none', async () => {
  const start = steps({ require: 20, create: 30, prepare: 1000, first: 4 })

  const phases = await measureColdStart({ startedNs: 1_000, enteredNs: 101_000 }, start, start.nowMs)

  expect(phases).toEqual({ processNs: 100_000, requireNs: 20e6, createNs: 30e6, firstNs: 4e6 })
  expect(readyNs(phases)).toBe(54_100_000)
})

test('the error of a step is not hidden', async () => {
  const start = {
    ...steps({ require: 1, create: 1, prepare: 1, first: 1 }),
    create: () => Promise.reject(new Error('no model'))
  }

  await expect(measureColdStart({ startedNs: 0, enteredNs: 1 }, start)).rejects.toThrow('no model')
})
