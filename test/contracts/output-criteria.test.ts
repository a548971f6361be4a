import { expect, test } from 'vitest'
import { criteriaOf } from '#contracts/output-criteria.ts'
import { DEFAULT_EQUIVALENCE, EquivalencePolicy } from '#contracts/outputs.ts'

const FLOATS = { baseline: 'float32', candidate: 'float32' } as const
const LONGS = { baseline: 'int64', candidate: 'int64' } as const

test('an empty policy is the default one', () => {
  expect(DEFAULT_EQUIVALENCE).toEqual({
    mode: 'auto',
    samples: 16,
    default: { rtol: 1e-3, atol: 1e-4, maxMismatchShare: 0, cosineMin: null, top1AgreeMin: null },
    perOutput: {},
    nanInf: 'fail',
    tokens: { exactPrefixMin: 0.95, lengthRatio: [0.9, 1.1] },
    learnNoise: true
  })
})

test('floats get the tolerance, other types are exact', () => {
  expect(criteriaOf(DEFAULT_EQUIVALENCE, 'y', FLOATS)).toMatchObject({ rtol: 1e-3, atol: 1e-4 })
  expect(criteriaOf(DEFAULT_EQUIVALENCE, 'y', LONGS)).toMatchObject({ rtol: 0, atol: 0 })
  const mixed = { baseline: 'float32', candidate: 'uint8' } as const
  expect(criteriaOf(DEFAULT_EQUIVALENCE, 'y', mixed)).toMatchObject({ rtol: 0, atol: 0 })
})

test('half precision gets room for its digits, unless the policy has more', () => {
  const half = { baseline: 'float32', candidate: 'float16' } as const
  expect(criteriaOf(DEFAULT_EQUIVALENCE, 'y', half)).toMatchObject({ rtol: 2 ** -9, atol: 1e-4 })
  const wide = EquivalencePolicy.parse({ default: { ...DEFAULT_EQUIVALENCE.default, rtol: 0.1 } })
  expect(criteriaOf(wide, 'y', half).rtol).toBe(0.1)
})

test('what an output has of its own wins, whatever its type', () => {
  const policy = EquivalencePolicy.parse({ perOutput: { ids: { atol: 1, top1AgreeMin: 0.9 }, y: { rtol: 0 } } })
  expect(criteriaOf(policy, 'ids', LONGS)).toMatchObject({ rtol: 0, atol: 1, top1AgreeMin: 0.9, cosineMin: null })
  expect(criteriaOf(policy, 'y', { baseline: 'float16', candidate: 'float16' }).rtol).toBe(0)
})

test.each(['constructor', '__proto__', 'toString'])('an output may be named %s', (name) => {
  expect(criteriaOf(DEFAULT_EQUIVALENCE, name, FLOATS)).toEqual(DEFAULT_EQUIVALENCE.default)
})

test.each([
  { samples: 0 },
  { samples: 1025 },
  { mode: 'maybe' },
  { default: { rtol: -1 } },
  { perOutput: { y: { cosineMin: 2 } } },
  { perOutput: { y: { rtoll: 1 } } }
])('%j is no policy', (policy) => {
  expect(EquivalencePolicy.safeParse(policy).success).toBe(false)
})
