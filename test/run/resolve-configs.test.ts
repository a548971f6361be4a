import { expect, test } from 'vitest'
import { resolveConfigs } from '#src/run/resolve-configs.ts'
import { CONFIG_TEXT } from './sample-run.ts'

const VALID = CONFIG_TEXT
const EDITED = CONFIG_TEXT.replace('models/vad.onnx', 'models/other.onnx')
const BROKEN = 'version: 1\nmodles: {}\n'

test('each side measures by its own configuration and the base branch judges', () => {
  const resolution = resolveConfigs({ policy: VALID, baseline: VALID, candidate: EDITED })

  expect(resolution).toMatchObject({
    kind: 'ready',
    configs: {
      baseline: { models: { vad: { path: 'models/vad.onnx' } } },
      candidate: { models: { vad: { path: 'models/other.onnx' } } }
    }
  })
})

test.each([
  ['nowhere', { policy: null, baseline: null, candidate: null }, { kind: 'no_config', where: 'both' }],
  [
    'only in the pull request',
    { policy: null, baseline: null, candidate: VALID },
    { kind: 'no_config', where: 'base' }
  ],
  [
    'deleted by the pull request',
    { policy: VALID, baseline: VALID, candidate: null },
    { kind: 'no_config', where: 'head' }
  ],
  [
    'broken on the base branch, repaired here',
    { policy: BROKEN, baseline: BROKEN, candidate: VALID },
    { kind: 'no_config', where: 'base' }
  ]
])('configuration %s', (_name, texts, outcome) => {
  expect(resolveConfigs(texts)).toEqual({ kind: 'outcome', outcome })
})

test.each([
  ['head', { policy: VALID, baseline: VALID, candidate: BROKEN }],
  ['head', { policy: null, baseline: null, candidate: BROKEN }],
  ['base', { policy: BROKEN, baseline: BROKEN, candidate: BROKEN }]
])('a broken configuration is reported where it is: %s', (where, texts) => {
  const resolution = resolveConfigs(texts)

  expect(resolution).toMatchObject({ kind: 'outcome', outcome: { kind: 'config_invalid', where } })
  if (resolution.kind !== 'outcome' || resolution.outcome.kind !== 'config_invalid') throw new Error('unreachable')
  expect(resolution.outcome.problems).toContainEqual(expect.objectContaining({ line: 2, key: 'modles' }))
})

test('a branch older than the configuration borrows it from the base branch', () => {
  const resolution = resolveConfigs({ policy: VALID, baseline: null, candidate: null })

  expect(resolution.kind).toBe('ready')
})
