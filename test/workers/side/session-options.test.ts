import { describe, expect, test } from 'vitest'
import { DEFAULT_SESSION, type SessionSpec } from '#contracts/session.ts'
import { sessionOptions } from '#workers/side/session-options.ts'

function options(session: Partial<SessionSpec>) {
  return sessionOptions({ ...DEFAULT_SESSION, ...session })
}

describe('sessionOptions', () => {
  test.each<[Partial<SessionSpec>, unknown]>([
    [{}, 'cpu'],
    [{ executionProvider: 'webgpu' }, 'webgpu'],
    [
      { executionProvider: 'cuda', deviceId: 1 },
      { name: 'cuda', deviceId: 1 }
    ],
    [{ executionProvider: 'tensorrt' }, { name: 'tensorrt', deviceId: 0 }]
  ])('%o asks for one execution provider only', (session, provider) => {
    expect(options(session).executionProviders).toEqual([provider])
  })

  test('one thread needs no entries', () => {
    expect(options({})).not.toHaveProperty('extra')
  })

  test.each([{ intraOpNumThreads: 2 }, { interOpNumThreads: 2 }])('%o: pools do not spin', (session) => {
    expect(options(session).extra).toEqual({
      'session.intra_op.allow_spinning': '0',
      'session.inter_op.allow_spinning': '0'
    })
  })

  test('a configured entry has the last word', () => {
    const configEntries = { 'session.intra_op.allow_spinning': '1', 'session.set_denormal_as_zero': '1' }

    expect(options({ intraOpNumThreads: 2, configEntries }).extra).toEqual({
      'session.intra_op.allow_spinning': '1',
      'session.inter_op.allow_spinning': '0',
      'session.set_denormal_as_zero': '1'
    })
  })

  test.each<[Partial<SessionSpec>, boolean]>([
    [{ executionProvider: 'cuda', cpuFallback: 'forbid' }, true],
    [{ executionProvider: 'cuda', cpuFallback: 'report' }, false],
    [{ executionProvider: 'webgpu', cpuFallback: 'allow' }, false],
    [{ executionProvider: 'cpu', cpuFallback: 'forbid' }, false]
  ])('%o forbids the processor: %s', (session, forbidden) => {
    const extra = options(session).extra ?? {}

    expect('session.disable_cpu_ep_fallback' in extra).toBe(forbidden)
  })
})
