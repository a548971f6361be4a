import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { TailgateConfig } from '#src/config/config.schema.ts'
import { parseConfig } from '#src/config/parse-config.ts'

const ROOT = resolve(import.meta.dirname, '../..')
const MINIMAL = 'version: 1\nmodels:\n  vad: { path: models/silero_vad.onnx }\n'

function parseValid(text: string): TailgateConfig {
  const parsed = parseConfig(text, { file: 'tailgate.yml' })
  if (!parsed.ok)
    throw new Error(parsed.problems.map(({ line, key, message }) => `${line}: ${key}: ${message}`).join('\n'))
  return parsed.config
}

describe('parseConfig', () => {
  test('three lines are enough: everything else has a default', () => {
    expect(parseValid(MINIMAL)).toEqual({
      version: 1,
      models: {
        vad: {
          path: 'models/silero_vad.onnx',
          session: 'default',
          inputs: { dims: {}, values: {}, random: {}, shapes: {}, samples: 1, recorded: [], seed: 1 }
        }
      },
      sessions: {
        default: {
          execution_provider: 'cpu',
          device_id: 0,
          cpu_fallback: 'report',
          graph_optimization_level: 'all',
          execution_mode: 'sequential',
          intra_op_num_threads: 1,
          inter_op_num_threads: 1,
          enable_cpu_mem_arena: true,
          enable_mem_pattern: true,
          config_entries: {}
        }
      },
      scenarios: { single_stream: {}, offline: { batch: 8 } },
      thresholds: {
        p50: 0.02,
        throughput: 0.02,
        p95: 0.05,
        p99: 0.1,
        slow_share: 0.01,
        sustained_rate: 0.1,
        ready: 0.1,
        ttft: 0.05,
        itl: 0.03,
        tokens_per_s: 0.03,
        goodput: 0.02,
        memory_growth: 65_536,
        latency_drift: 0.05,
        memory: 0.05,
        models: {}
      },
      variants: {},
      budgets: {},
      equivalence: {
        mode: 'auto',
        samples: 16,
        nan_inf: 'fail',
        tokens: { exact_prefix_min: 0.95, length_ratio: [0.9, 1.1] },
        outputs: {}
      },
      accuracy: {},
      gate: 'required',
      on_inconclusive: 'neutral',
      runner: { timeout_minutes: 30 },
      measuring: {
        round_seconds: 1,
        max_rounds: 24,
        warm_up_seconds: 0.25,
        warm_up_requests: 100,
        request_timeout_seconds: 60
      },
      paths: []
    })
  })

  test('percentages become exact ratios', () => {
    const config = parseValid(`${MINIMAL}thresholds: { p50: 0.7%, p95: 12.5%, p99: 1000%, slow_share: 100% }\n`)
    expect(config.thresholds).toMatchObject({ p50: 0.007, p95: 0.125, p99: 10, slow_share: 1 })
  })

  test.each([
    ['0.5B', 0.5],
    ['64KiB', 65_536],
    ['1.5MiB', 1_572_864],
    ['2GiB', 2_147_483_648]
  ])('%s becomes bytes', (written, bytes) => {
    expect(parseValid(`${MINIMAL}thresholds: { memory_growth: ${written} }\n`).thresholds.memory_growth).toBe(bytes)
  })

  test('only the scenarios that are listed are measured', () => {
    expect(parseValid(`${MINIMAL}scenarios: { offline: {} }\n`).scenarios).toEqual({ offline: { batch: 8 } })
  })

  test('a configured session leaves the default one in place', () => {
    const config = parseValid(`${MINIMAL}sessions: { threads: { intra_op_num_threads: 4 } }\n`)
    expect(config.sessions.threads?.intra_op_num_threads).toBe(4)
    expect(config.sessions.default?.intra_op_num_threads).toBe(1)
  })

  test('the default session can be changed', () => {
    const config = parseValid(`${MINIMAL}sessions: { default: { graph_optimization_level: disabled } }\n`)
    expect(Object.keys(config.sessions)).toEqual(['default'])
    expect(config.sessions.default?.graph_optimization_level).toBe('disabled')
  })

  test('comments, Windows line ends, a byte order mark and JSON are read', () => {
    expect(parseValid(`\uFEFF# ours\r\n${MINIMAL.replaceAll('\n', '\r\n')}`).models.vad?.path).toContain('silero')
    expect(parseValid('{"version": 1, "models": {"vad": {"path": "m.onnx"}}}').models.vad?.path).toBe('m.onnx')
  })

  test('an input may carry the name of a property that every object has', () => {
    const config = parseValid('version: 1\nmodels: { a: { path: m.onnx, inputs: { values: { toString: 1 } } } }')
    expect(config.models.a?.inputs.values).toEqual({ toString: 1 })
  })
})

describe('documented examples', () => {
  const page = readFileSync(resolve(ROOT, 'docs/configuration.md'), 'utf8')
  const examples = [...page.matchAll(/```yaml\n([\s\S]*?)```/g)].map((match) => match[1] ?? '')

  test('there are the shortest one and the full one', () => {
    expect(examples).toHaveLength(2)
  })

  test.each(examples)('example %# is valid', (example) => {
    expect(parseConfig(example, { file: 'example' })).toMatchObject({ ok: true })
  })

  test('the full example spells out every option', () => {
    const full = readFileSync(resolve(ROOT, 'docs/tailgate.example.yml'), 'utf8')
    const keys = [...page.matchAll(/^\| `([a-z_<>0-9.]+)` \|/gm)].map((match) => match[1]?.split('.').at(-1) ?? '')
    expect(keys.length).toBeGreaterThan(30)
    for (const key of keys) expect(full).toMatch(new RegExp(`\\b${key}:`))
  })

  test('the full example states the defaults where its comments do not say otherwise', () => {
    const full = parseValid(readFileSync(resolve(ROOT, 'docs/tailgate.example.yml'), 'utf8'))
    const defaults = parseValid(MINIMAL)
    const { engine_version, ...session } = full.sessions.default ?? {}
    expect(engine_version).toBeDefined()
    expect(session).toEqual(defaults.sessions.default)
    expect(full.scenarios).toMatchObject(defaults.scenarios)
    expect({ ...full.thresholds, models: {} }).toEqual(defaults.thresholds)
    expect(full.measuring).toEqual(defaults.measuring)
    expect(full.runner).toEqual(defaults.runner)
    expect([full.gate, full.on_inconclusive]).toEqual([defaults.gate, defaults.on_inconclusive])
  })
})
