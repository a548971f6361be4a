import { describe, expect, test } from 'vitest'
import { INFERRED_INPUTS, type InputSpec } from '#contracts/inputs.ts'
import { importEngine } from '#workers/side/import-engine.ts'
import { inferInputs } from '#workers/side/infer-inputs.ts'
import type { ModelInput } from '#workers/side/model-input.ts'
import { createSamplePool } from '#workers/side/sample-pool.ts'

const engine = importEngine(null)
const X: ModelInput = { name: 'x', isTensor: true, type: 'float32', shape: ['n'] }
const Y: ModelInput = { name: 'y', isTensor: true, type: 'float64', shape: ['n'] }
const ZEROS: ModelInput = { name: 'zeros', isTensor: true, type: 'int64', shape: [2] }

function pool(inputs: readonly ModelInput[], spec: Partial<InputSpec>) {
  const all = { ...INFERRED_INPUTS, ...spec }
  const plan = inferInputs(inputs, all, 1)
  if (!plan.ok) throw new Error(plan.message)
  return createSamplePool(engine, plan.samples, all.seed)
}

function valuesOf(made: ReturnType<typeof pool>, name: string): readonly unknown[] {
  return made.feeds.map((feeds) => feeds[name]?.data)
}

describe('createSamplePool', () => {
  test('two sides of which one has an input more make the same values for the others', () => {
    const dims = { n: 3 }

    expect(valuesOf(pool([X], { samples: 4, dims }), 'x')).toEqual(valuesOf(pool([Y, X], { samples: 4, dims }), 'x'))
  })

  test('a sample keeps its values when there are more of them', () => {
    const few = valuesOf(pool([X], { samples: 2 }), 'x')

    expect(valuesOf(pool([X], { samples: 9 }), 'x').slice(0, 2)).toEqual(few)
  })

  test('samples differ from each other, and with the seed', () => {
    const made = valuesOf(pool([X], { samples: 50 }), 'x').map(String)

    expect(new Set(made).size).toBe(50)
    expect(valuesOf(pool([X], { samples: 50, seed: 2 }), 'x').map(String)).not.toEqual(made)
  })

  test('a tensor that is alike in all samples is made once', () => {
    const made = pool([X, ZEROS], { samples: 3 })

    expect(new Set(made.feeds.map((feeds) => feeds.zeros)).size).toBe(1)
    expect(new Set(made.feeds.map((feeds) => feeds.x)).size).toBe(3)
  })

  test('the order holds every sample once, and is drawn by the seed', () => {
    const order = pool([X], { samples: 20 }).order

    expect(order.toSorted((left, right) => left - right)).toEqual(Array.from({ length: 20 }, (_, index) => index))
    expect(pool([Y], { samples: 20 }).order).toEqual(order)
    expect(pool([X], { samples: 20, seed: 2 }).order).not.toEqual(order)
  })

  test('so many requests as it says have met every shape, and one fewer has not', () => {
    const dims = { n: { choices: [1, 2, 3], weights: [8, 1, 1] } }
    const { feeds, order, shapes, coveringRequests } = pool([X], { samples: 30, dims })
    const met = (requests: number) =>
      new Set(order.slice(0, requests).map((sample) => feeds[sample]?.x?.dims.join())).size

    expect(shapes).toBe(3)
    expect(met(coveringRequests)).toBe(3)
    expect(met(coveringRequests - 1)).toBe(2)
  })

  test('one sample is one shape, met by the first request', () => {
    expect(pool([X], {})).toMatchObject({ order: [0], shapes: 1, coveringRequests: 1 })
  })
})
