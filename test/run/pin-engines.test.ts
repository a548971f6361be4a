import { expect, test } from 'vitest'
import { resolveConfigs } from '#src/run/resolve-configs.ts'

const CONFIG = 'version: 1\nmodels: { m: { path: m.onnx } }\nsessions: { default: { engine_version: from_lockfile } }\n'
const TEXTS = { policy: CONFIG, baseline: CONFIG, candidate: CONFIG }

function lockOf(version: string): string {
  return JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/onnxruntime-node': { version } } })
}

function pinned(version: string) {
  return { packageJson: null, lock: lockOf(version) }
}

test('each side gets the engine that its own commit pins', () => {
  const resolution = resolveConfigs({
    ...TEXTS,
    packages: { baseline: pinned('1.29.0'), candidate: pinned('1.30.0') }
  })

  expect(resolution).toMatchObject({
    kind: 'ready',
    configs: {
      baseline: { sessions: { default: { engine_version: '1.29.0' } } },
      candidate: { sessions: { default: { engine_version: '1.30.0' } } }
    }
  })
})

test.each([
  [
    'head',
    { baseline: pinned('1.29.0'), candidate: { packageJson: '{}', lock: null } },
    /does not depend on onnxruntime-node/
  ],
  ['base', { baseline: { packageJson: null, lock: 'broken' }, candidate: pinned('1.30.0') }, /no JSON object/],
  [
    'head',
    {
      baseline: pinned('1.29.0'),
      candidate: { packageJson: '{"dependencies":{"onnxruntime-node":"^1.29.0"}}', lock: null }
    },
    /not one released version.*Commit package-lock.json/
  ]
] as const)('a commit of the %s that pins none is a mistake that is told', (where, packages, message) => {
  expect(resolveConfigs({ ...TEXTS, packages })).toMatchObject({
    kind: 'outcome',
    outcome: {
      kind: 'config_invalid',
      where,
      problems: [{ key: 'sessions.default.engine_version', message: expect.stringMatching(message) }]
    }
  })
})
