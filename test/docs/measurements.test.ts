import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { JSON_MAX_BYTES, JSON_MAX_CONTAINERS, JSON_MAX_KEYS, JSON_MAX_VALUES } from '#contracts/json-limits.ts'
import {
  Block,
  BlockLoad,
  DEFAULT_THRESHOLDS,
  MeasuredCase,
  Measurements,
  Series,
  type ThresholdKey,
  Thresholds
} from '#contracts/measurements.ts'
import { judgeFile } from '#src/cli/judge.ts'
import { renderComparison } from '#src/cli/render-comparison.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/measurements.md'), 'utf8')

function fenced(language: string): string {
  return new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1] ?? ''
}

test('the example is judged as the page says', async () => {
  const outcome = await judgeFile('-', Readable.from([Buffer.from(fenced('json'))]))

  if (outcome.kind !== 'judged') throw new Error(outcome.message)
  const printed = renderComparison(outcome.comparison).split('\n')
  const shown = fenced('text').trimEnd().split('\n')
  expect(shown.length).toBe(4)
  expect(printed).toEqual(expect.arrayContaining(shown))
})

test('every key of the format is described', () => {
  const keys = [
    ...Object.keys(Measurements.shape),
    ...Object.keys(MeasuredCase.shape).map((key) => `cases[].${key}`),
    ...Object.keys(Block.shape).map((key) => `blocks[].${key}`)
  ]

  expect(keys.length).toBe(17)
  for (const key of keys) expect(PAGE).toContain(`\n| \`${key}\` | `)
})

test('every series is described', () => {
  for (const name of Object.keys(Series.shape)) expect(PAGE).toContain(`\`${name}\``)
  for (const name of Object.keys(BlockLoad.shape)) expect(PAGE).toContain(`\`${name}\``)
})

test('defaults and limits are those of the code', () => {
  const { p50, throughput, p95, p99, slowShare } = DEFAULT_THRESHOLDS
  const text = PAGE.replaceAll('\n', ' ')

  expect(text).toContain(`defaults are ${p50}, ${throughput}, ${p95}, ${p99} and ${slowShare}`)
  const added: readonly ThresholdKey[] = Thresholds.keyof().options.slice(5)
  expect(added.length).toBe(9)
  for (const key of added) {
    expect(text).toContain(`\`${key}\` ${DEFAULT_THRESHOLDS[key]}`)
  }
  expect(text).toContain(
    `more than ${JSON_MAX_BYTES / 1024 / 1024} MiB of JSON, ${JSON_MAX_VALUES / 1e6} million values, ${JSON_MAX_KEYS / 1e6} million keys, or ${JSON_MAX_CONTAINERS / 1e6} million lists and objects`
  )
})

test('the JSON Schema accepts the example', () => {
  const schema: unknown = JSON.parse(
    readFileSync(join(import.meta.dirname, '../../docs/measurements.schema.json'), 'utf8')
  )

  expect(z.fromJSONSchema(z.looseObject({}).parse(schema)).safeParse(JSON.parse(fenced('json'))).success).toBe(true)
  expect(z.fromJSONSchema(z.looseObject({}).parse(schema)).safeParse({ format: 'x', cases: [] }).success).toBe(false)
})
