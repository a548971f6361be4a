import { describe, expect, test } from 'vitest'
import type { CaseSpec } from '#contracts/case.ts'
import { INFERRED_INPUTS, type InputSpec } from '#contracts/inputs.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import { DEFAULT_SESSION, type SessionSpec } from '#contracts/session.ts'
import { toPlainText } from '#src/report/clean-text.ts'
import { describeCase } from '#src/report/describe-case.ts'
import { describeInputs } from '#src/report/describe-inputs.ts'
import { describeScenario } from '#src/report/describe-scenario.ts'
import { describeSession } from '#src/report/describe-session.ts'
import { measuredFacts, specWith } from './sample-outcomes.ts'

function sessionText(before: Partial<SessionSpec>, after: Partial<SessionSpec> = before): string {
  return toPlainText(describeSession({ ...DEFAULT_SESSION, ...before }, { ...DEFAULT_SESSION, ...after }))
}

function inputsText(before: Partial<InputSpec>, after: Partial<InputSpec> = before): string {
  return toPlainText(describeInputs({ ...INFERRED_INPUTS, ...before }, { ...INFERRED_INPUTS, ...after }))
}

describe('a session', () => {
  test('as usual is told in three words', () => {
    expect(sessionText({})).toBe('cpu, optimization all, threads 1')
  })

  test('on a GPU names device and fallback', () => {
    expect(sessionText({ executionProvider: 'cuda', deviceId: 1, cpuFallback: 'forbid' })).toBe(
      'cuda, device 1, CPU fallback forbidden, optimization all, threads 1'
    )
  })

  test('that changes shows before and after of every setting', () => {
    expect(
      sessionText(
        { engineVersion: '1.29.0', enableMemPattern: true, configEntries: { 'session.disable_prepacking': '0' } },
        { engineVersion: null, enableMemPattern: false, interOpNumThreads: 2, cpuFallback: 'allow' }
      )
    ).toBe(
      'cpu, CPU fallback reported → allowed, ONNX Runtime 1.29.0 → of the worker, optimization all, threads 1, inter-op threads 1 → 2, memory pattern on → off, session.disable_prepacking 0 → not set'
    )
  })
})

describe('inputs', () => {
  test('that nobody asked for are not told', () => {
    expect(inputsText({ seed: 7 })).toBe('')
  })

  test('name sizes, values, samples and recordings', () => {
    expect(
      inputsText({
        dims: { batch: 8, seq: { choices: [16, 32, 64], weights: [1, 2, 1] } },
        overrides: { mask: { shape: [1, 16], distribution: { kind: 'integers', low: 0, high: 1 } } },
        samples: 8,
        recorded: [
          { path: 'bench/a.npz', input: null },
          { path: 'bench/b.npz', input: null }
        ]
      })
    ).toBe(
      'inputs: batch 8, seq 16, 32 or 64 (weights 1, 2, 1), mask [1, 16] integers 0 to 1, 8 samples, recorded in bench/a.npz and 1 other file'
    )
  })

  test('that differ stand as before and after', () => {
    expect(inputsText({ dims: { batch: 8 } }, {})).toBe('inputs: batch 8 → as the model has them')
    expect(inputsText({ dims: { batch: 8 }, seed: 1 }, { dims: { batch: 8 }, seed: 2 })).toBe(
      'inputs differ between the sides'
    )
  })

  test('of many names are cut', () => {
    const dims = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`d${index}`, 2]))
    expect(inputsText({ dims })).toBe('inputs: d0 2, d1 2, d2 2, d3 2, 26 more')
  })
})

const SCENARIOS: readonly (readonly [ScenarioSpec, string])[] = [
  [{ kind: 'single_stream' }, 'single stream'],
  [{ kind: 'multi_stream', samplesPerQuery: 8, instances: 1 }, 'multi stream, 8 samples per query, 1 instance'],
  [{ kind: 'offline', batchSize: 8 }, 'offline, batches of 8'],
  [
    { kind: 'server', ratePerS: 0.5, arrival: 'constant', instances: 2, timeoutMs: null, maxQueue: null, seed: 1 },
    'server, 0.5 requests/s (evenly spaced), 2 instances'
  ],
  [{ kind: 'burst', size: 32, everyMs: 500, instances: 2 }, 'burst, 32 requests every 500 ms, 2 instances'],
  [{ kind: 'cold_start' }, 'cold start'],
  [
    { kind: 'generate', promptTokens: 16, newTokens: 32, goodput: null, tokenInput: null, logitsOutput: null },
    'generate, 32 tokens after a prompt of 16'
  ],
  [{ kind: 'soak', seconds: 120 }, 'soak, 120 s per round']
]

test.each(SCENARIOS)('%o in words', (spec, words) => {
  expect(describeScenario(spec)).toBe(words)
})

describe('a case', () => {
  test('of two files of one commit says so', () => {
    const spec = specWith('vad/default/single_stream')
    const variant: CaseSpec = {
      ...spec,
      baseline: { ...spec.baseline, checkout: 'candidate' },
      candidate: { ...spec.candidate, modelPath: 'models/vad_int8.onnx' }
    }
    expect(toPlainText(describeCase(variant, undefined, undefined).model)).toBe(
      'models/vad.onnx → models/vad_int8.onnx, both from the candidate’s commit'
    )
  })

  test.each([
    ['models/vad.bin', '2', 'different'],
    ['models/vad.bin', '1', 'the same'],
    // As where answers are compared: what a model reads counts, not where it stands.
    ['models/moved.bin', '1', 'the same']
  ])('tells whether external data is the same: %s, %s', (path, digit, told) => {
    const data = (dataPath: string, sha256: string) => ({
      sha256: 'ab12'.repeat(16),
      bytes: 9,
      externalData: [{ path: dataPath, sha256: sha256.repeat(64), bytes: 9 }]
    })
    const models = { baseline: data('models/vad.bin', '1'), candidate: data(path, digit) }

    const { model } = describeCase(specWith('a'), undefined, measuredFacts('a', { models }))

    expect(toPlainText(model)).toContain(`, external data in 1 file: ${told}`)
  })
})
