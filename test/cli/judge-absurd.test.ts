import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatJson } from '#src/cli/format-json.ts'
import { judgeFile } from '#src/cli/judge.ts'
import { renderComparison } from '#src/cli/render-comparison.ts'

/** Numbers that the contract takes and no machine measures. */
const extreme = fc.constantFrom(5e-324, 1e-300, 1e-9, 1, 2, 1e6, 2 ** 31, 2 ** 53, 1e18, 1e154, 1e300, Number.MAX_VALUE)
const positive = fc.oneof(
  extreme,
  fc.double({ min: 5e-324, max: Number.MAX_VALUE, noNaN: true }),
  fc.integer({ min: 1, max: 10 })
)
const errors = fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, fc.constantFrom(1, 5, 1e6, Number.MAX_SAFE_INTEGER))

/** All blocks of a side share a level or are wild; a case is long enough to be judged more often than not. */
const caseOf = fc
  .record({
    launches: fc.integer({ min: 0, max: 12 }),
    quads: fc.integer({ min: 1, max: 4 }),
    pattern: fc.constantFrom('bccb', 'cbbc', 'bc', 'bcb', 'b', 'bbcc'),
    baseline: fc.array(positive, { maxLength: 40 }),
    candidate: fc.array(positive, { maxLength: 40 }),
    wallNs: positive,
    errors,
    thresholds: fc.option(
      fc.record({ p50: fc.constantFrom(5e-324, 0.02, 10), slowShare: fc.constantFrom(5e-324, 1) }),
      {
        nil: undefined
      }
    ),
    wobble: fc.constantFrom(1, 1 + 1e-12, 1.01, 2)
  })
  .map(({ launches, quads, pattern, baseline, candidate, wallNs, errors, thresholds, wobble }) => {
    const blocks = []
    for (let launch = 0; launch < launches; launch += 1) {
      for (let quad = 0; quad < quads; quad += 1) {
        for (const letter of pattern) {
          const scale = launch % 2 === 0 ? 1 : 1 / wobble
          const latencies = letter === 'b' ? baseline : candidate
          const latenciesNs = latencies.map((latency) => Math.max(latency * scale, 5e-324))
          const side = letter === 'b' ? 'baseline' : 'candidate'
          blocks.push({ side, launch, quad, wallNs, latenciesNs, errors: letter === 'b' ? 0 : errors })
        }
      }
    }
    return { ...(thresholds === undefined ? {} : { thresholds }), blocks }
  })

const file = fc.array(caseOf, { minLength: 1, maxLength: 3 }).map((cases) => ({
  format: 'tailgate.measurements/1',
  cases: cases.map((item, index) => ({ id: `case ${index}`, ...item }))
}))

/** Paths of numbers that are not finite, and of keys without a value. */
function findHoles(value: unknown, path = ''): string[] {
  if (value === undefined) return [`${path}: undefined`]
  if (typeof value === 'number') return Number.isFinite(value) ? [] : [`${path}: ${value}`]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) => findHoles(inner, `${path}.${key}`))
}

test('no valid measurements, however absurd, make judge print NaN, Infinity or undefined', async () => {
  await fc.assert(
    fc.asyncProperty(file, async (measurements) => {
      const outcome = await judgeFile('-', Readable.from([Buffer.from(JSON.stringify(measurements))]))

      if (outcome.kind !== 'judged') throw new Error(outcome.message)
      expect(findHoles(outcome.comparison)).toEqual([])
      expect(renderComparison(outcome.comparison)).not.toMatch(/NaN|Infinity|undefined|∞/)
      expect(formatJson(outcome.report)).not.toMatch(/NaN|Infinity|undefined/)
    }),
    { numRuns: 300 }
  )
})
