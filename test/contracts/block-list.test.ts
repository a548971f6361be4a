import { expect, test } from 'vitest'
import { z } from 'zod'
import { BlockList } from '#contracts/block-list.ts'
import { Block } from '#contracts/measurements.ts'

const GOOD = { side: 'baseline', launch: 0, quad: 3, wallNs: 10.5, latenciesNs: [1, 2.5], errors: 0 }
const Ours = z.strictObject({ blocks: BlockList })
const Plain = z.strictObject({ blocks: z.array(Block) })

function problems(schema: z.ZodType, value: unknown): readonly string[] {
  const issues = schema.safeParse(value).error?.issues ?? []
  return issues.map(({ path, message }) => `${path.join('.')}: ${message}`)
}

test.each([
  { blocks: [] },
  { blocks: [GOOD, GOOD] },
  { blocks: [GOOD, { ...GOOD, latenciesNs: [1, -1, 'x'] }] },
  { blocks: [GOOD, { ...GOOD, side: 'left', extra: 1 }] },
  { blocks: [GOOD, { ...GOOD, series: { queueNs: [1], other: [1] } }] },
  { blocks: [{ ...GOOD, series: { queueNs: [1, 2, 3] } }] },
  { blocks: [{ ...GOOD, load: { offeredPerS: 0, arrivals: 1.5, late: -1 } }] },
  { blocks: [null] },
  { blocks: 'none' },
  { blocks: {} },
  { blocks: null }
])('says of %j what the plain schema says', (value) => {
  expect(problems(Ours, value)).toEqual(problems(Plain, value))
})

test('refuses a missing list', () => {
  expect(problems(Ours, {}).length).toBe(1)
})

test('names the first bad block only, and not every value in it', () => {
  const bad = { ...GOOD, latenciesNs: Array.from({ length: 1000 }, () => -1) }

  const found = problems(Ours, { blocks: [GOOD, bad, bad] })

  expect(found.length).toBe(10)
  expect(found[0]).toBe('blocks.1.latenciesNs.0: Too small: expected number to be >0')
})

test('refuses a hidden key', () => {
  const hidden: unknown = JSON.parse(`{"__proto__": {}, ${JSON.stringify(GOOD).slice(1)}`)

  expect(problems(Ours, { blocks: [hidden] })).toEqual(['blocks.0: Unrecognized key: "__proto__"'])
})
