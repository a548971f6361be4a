import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { AccuracyPolicy } from '#contracts/accuracy.ts'
import { criteriaOf } from '#contracts/output-criteria.ts'
import { DEFAULT_EQUIVALENCE, MAX_OUTPUTS, NOISE_FACTOR } from '#contracts/outputs.ts'
import { clopperPearson } from '#src/equivalence/exact-bounds.ts'
import { NOISE_COMPARISONS_MIN } from '#workers/outputs/create-output-comparer.ts'
import { MAX_FRAME_OUTPUTS, MAX_OUTPUT_FRAME_BYTES } from '#workers/outputs/output-frames.ts'
import { SPREAD_MULTIPLE_MAX } from '#workers/outputs/output-tally.ts'

const PAGE = readFileSync(join(import.meta.dirname, '../../docs/correctness.md'), 'utf8').replaceAll(/\s+/g, ' ')

test('the page names the defaults of the code', () => {
  const { samples, tokens, default: usual, nanInf, mode } = DEFAULT_EQUIVALENCE
  expect(mode).toBe('auto')
  expect(PAGE).toContain('`auto` (default)')
  expect(PAGE).toContain(`The first ${samples} samples`)
  expect(PAGE).toContain(`\`rtol: ${usual.rtol}\`, \`atol: ${usual.atol}\``)
  expect(PAGE).toContain(`\`max_mismatch: ${100 * usual.maxMismatchShare}%\``)
  expect(PAGE).toContain(`\`nan_inf: ${nanInf}\``)
  expect(PAGE).toContain(`\`exact_prefix_min: ${100 * tokens.exactPrefixMin}%\``)
  expect(PAGE).toContain(`\`length_ratio: [${tokens.lengthRatio.join(', ')}]\``)
  const half = { baseline: 'float16', candidate: 'float16' } as const
  expect(criteriaOf(DEFAULT_EQUIVALENCE, 'y', half).rtol).toBe(2 ** -9)
})

test('the page names the limits and factors of the code', () => {
  expect(PAGE).toContain(`More than ${MAX_OUTPUT_FRAME_BYTES / 1024 / 1024} MiB`)
  expect(PAGE).toContain(`more than ${MAX_FRAME_OUTPUTS} outputs`)
  expect(PAGE).toContain(`the first ${MAX_OUTPUTS} count`)
  expect(NOISE_FACTOR).toBe(3)
  expect(PAGE).toContain('**three times the spread**')
  expect(PAGE).toContain(`until there are ${NOISE_COMPARISONS_MIN} comparisons`)
  expect(PAGE).toContain(`more than ${SPREAD_MULTIPLE_MAX} times the tolerance`)
})

test('the page computes as the code does', () => {
  expect(1 - (1 - 0.17) ** 16).toBeCloseTo(0.95, 2)
  expect(1 - 0.99 ** 16).toBeCloseTo(0.15, 2)
  expect(clopperPearson(0, 1000, 0.95).upper).toBeCloseTo(0.0037, 4)
  const { maxDrop } = AccuracyPolicy.parse({
    metric: 'top1',
    output: null,
    samples: [{ path: 'a.npz', input: null }],
    labels: 'l.json'
  })
  expect(maxDrop).toBe(0.01)
})
