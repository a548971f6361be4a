import { describe, expect, test } from 'vitest'
import { trySamples } from '#workers/side/try-samples.ts'

/** An instance whose requests take their time by a clock of its own, and fail for one sample. */
function createInstance(requestMs: number, failing: number | null = null) {
  const state = { clockMs: 0, sent: [] as number[] }
  const instance = {
    sampleCount: 10,
    send: async (index: number) => {
      state.sent.push(index)
      state.clockMs += requestMs
      if (index === failing) throw new Error('refused')
      return {}
    },
    describeFailure: (error: unknown, index: number) =>
      ({ kind: 'failed', code: 'inference_failed', message: `${error} at ${index}`, hint: '' }) as const
  }
  return { state, instance, nowMs: () => state.clockMs }
}

describe('trySamples', () => {
  test('tries every sample and tells how long the first took', async () => {
    const { state, instance, nowMs } = createInstance(3)

    expect(await trySamples(instance, nowMs)).toEqual({ kind: 'tried', latencyNs: 3e6 })
    expect(state.sent).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
  })

  test('stops when the time is over, however slow a request is', async () => {
    const { state, instance, nowMs } = createInstance(900)

    expect(await trySamples(instance, nowMs)).toEqual({ kind: 'tried', latencyNs: 900e6 })
    expect(state.sent).toEqual([0, 1, 2, 3])
  })

  test.each([0, 4])('the sample of request %d that fails is told', async (failing) => {
    const { instance, nowMs } = createInstance(3, failing)

    expect(await trySamples(instance, nowMs)).toMatchObject({ kind: 'failed', message: `Error: refused at ${failing}` })
  })
})
