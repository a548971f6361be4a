import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { EquivalencePolicy, type OutputCriteria } from '#contracts/outputs.ts'
import { judgeOutputs } from '#src/equivalence/judge-outputs.ts'
import { compareSamples, doubles, floats, run } from '#test/workers/outputs/sample-outputs.ts'
import type { OutputTensor, SampleRun } from '#workers/outputs/output-tensor.ts'

const criteria: fc.Arbitrary<OutputCriteria> = fc.record({
  rtol: fc.double({ min: 0, max: 1, noNaN: true }),
  atol: fc.double({ min: 0, max: 1, noNaN: true }),
  maxMismatchShare: fc.double({ min: 0, max: 1, noNaN: true }),
  cosineMin: fc.option(fc.double({ min: -1, max: 1, noNaN: true })),
  top1AgreeMin: fc.option(fc.double({ min: 0, max: 1, noNaN: true }))
})

const policies = fc
  .record({
    mode: fc.constantFrom('auto', 'block', 'report'),
    default: criteria,
    nanInf: fc.constantFrom('fail', 'allow'),
    learnNoise: fc.boolean()
  })
  .map((policy) => EquivalencePolicy.parse(policy))

/** Everything that a model may give, NaN and infinities included. */
const anyTensor: fc.Arbitrary<OutputTensor> = fc.oneof(
  fc.array(fc.double(), { minLength: 1, maxLength: 30 }).map((values) => doubles('y', values)),
  fc.array(fc.float(), { minLength: 2, maxLength: 30 }).map((values) => floats('y', values)),
  fc
    .uint16Array({ minLength: 1, maxLength: 30 })
    .map((values) => ({ name: 'y', type: 'float16', dims: [values.length], values }) as const),
  fc
    .bigInt64Array({ minLength: 1, maxLength: 30 })
    .map((values) => ({ name: 'y', type: 'int64', dims: [values.length], values }) as const),
  fc
    .array(fc.string(), { minLength: 1, maxLength: 30 })
    .map((values) => ({ name: 'y', type: 'string', dims: [values.length], values }) as const)
)

const finite = fc.double({ min: -1e6, max: 1e6, noNaN: true })
const finiteValues = fc.array(finite, { minLength: 1, maxLength: 40 })

async function judge(baseline: SampleRun, candidate: SampleRun, policy = EquivalencePolicy.parse({ mode: 'block' })) {
  const facts = await compareSamples({ baseline: [baseline], candidate: [candidate], policy })
  return { facts, judgement: judgeOutputs({ policy, modelIdentical: true, facts }) }
}

describe('whatever the outputs', () => {
  test('the same on both sides is equivalent, for any mode and tolerance', async () => {
    await fc.assert(
      fc.asyncProperty(anyTensor, policies, async (tensor, policy) => {
        const { judgement } = await judge(run(tensor), run(tensor), policy)
        expect(judgement).toMatchObject({ verdict: 'equivalent', reasons: [] })
      })
    )
  })

  test('noise below the tolerance never blocks', async () => {
    const noisy = finiteValues.chain((values) =>
      fc.tuple(
        fc.constant(values),
        fc.array(fc.double({ min: -0.99, max: 0.99, noNaN: true }), {
          minLength: values.length,
          maxLength: values.length
        })
      )
    )
    await fc.assert(
      fc.asyncProperty(noisy, async ([values, parts]) => {
        const moved = values.map((value, index) => value + parts[index]! * (1e-4 + 1e-3 * Math.abs(value)))
        const { judgement } = await judge(run(doubles('y', values)), run(doubles('y', moved)))
        expect(judgement.verdict).toBe('equivalent')
      })
    )
  })

  test('one element far beyond the tolerance always blocks', async () => {
    await fc.assert(
      fc.asyncProperty(finiteValues, fc.nat(), async (values, place) => {
        const index = place % values.length
        const moved = values.with(index, values[index]! + 1 + Math.abs(values[index]!))
        const { judgement, facts } = await judge(run(doubles('y', values)), run(doubles('y', moved)))
        expect(judgement).toMatchObject({ verdict: 'not_equivalent', reasons: [{ kind: 'elements_differ' }] })
        expect(facts.outputs[0]?.worst?.flatIndex).toBe(index)
      })
    )
  })

  test('one NaN of the candidate always blocks, unless it is allowed and its share is', async () => {
    const lenient = { mode: 'block', default: { ...EquivalencePolicy.parse({}).default, maxMismatchShare: 1 } } as const
    await fc.assert(
      fc.asyncProperty(
        finiteValues,
        fc.nat(),
        fc.constantFrom(Number.NaN, Infinity, -Infinity),
        async (values, place, wrong) => {
          const moved = run(doubles('y', values.with(place % values.length, wrong)))
          const verdict = async (nanInf: 'fail' | 'allow') =>
            (await judge(run(doubles('y', values)), moved, EquivalencePolicy.parse({ ...lenient, nanInf }))).judgement
              .verdict
          expect(await verdict('fail')).toBe('not_equivalent')
          expect(await verdict('allow')).toBe('equivalent')
        }
      )
    )
  })

  test('scaling both sides leaves the cosine, and a power of two every match under a relative tolerance', async () => {
    // Scaled down, a number must not become one that has lost digits.
    const sizeable = fc.array(
      finite.map((value) => (Math.abs(value) < 1e-30 ? 0 : value)),
      { minLength: 1, maxLength: 40 }
    )
    const pair = fc.tuple(sizeable, sizeable).map(([left, right]) => {
      const length = Math.min(left.length, right.length)
      return [left.slice(0, length), right.slice(0, length)] as const
    })
    const relative = EquivalencePolicy.parse({
      mode: 'block',
      default: { ...EquivalencePolicy.parse({}).default, atol: 0 }
    })
    await fc.assert(
      fc.asyncProperty(pair, fc.integer({ min: -200, max: 400 }), async ([left, right], exponent) => {
        const scaled = (values: readonly number[]) =>
          run(
            doubles(
              'y',
              values.map((value) => value * 2 ** exponent)
            )
          )
        const before = await judge(run(doubles('y', left)), run(doubles('y', right)), relative)
        const after = await judge(scaled(left), scaled(right), relative)
        const [one, other] = [before, after].map(({ facts }) => facts.outputs[0]!.statistics)
        expect(other!.mismatched).toBe(one!.mismatched)
        expect(other!.cosineMin ?? 0).toBeCloseTo(one!.cosineMin ?? 0, 9)
      })
    )
  })

  test('a baseline that varies is not blamed on a candidate that is one of its runs', async () => {
    await fc.assert(
      fc.asyncProperty(finiteValues, fc.double({ min: 0, max: 10, noNaN: true }), async (values, size) => {
        const other = run(
          doubles(
            'y',
            values.map((value) => value + size)
          )
        )
        const baseline = run(doubles('y', values))
        const policy = EquivalencePolicy.parse({ mode: 'block' })
        const facts = await compareSamples({ baseline: [baseline], again: [other], candidate: [other], policy })
        expect(judgeOutputs({ policy, modelIdentical: true, facts }).verdict).not.toBe('not_equivalent')
      })
    )
  })
})
