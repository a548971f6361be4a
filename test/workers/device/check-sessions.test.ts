import { describe, expect, test } from 'vitest'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_SESSION, type SessionSpec } from '#contracts/session.ts'
import { checkSessions } from '#workers/device/check-sessions.ts'
import type { AskedProvider } from '#workers/device/explain-provider.ts'
import type { ProviderProbe } from '#workers/device/probe-providers.ts'

function sideSpec(session: Partial<SessionSpec>) {
  return { modelPath: 'a.onnx', checkout: null, session: { ...DEFAULT_SESSION, ...session }, inputs: INFERRED_INPUTS }
}

function sameSession(caseIndex: number, session: Partial<SessionSpec>) {
  return { caseIndex, spec: { baseline: sideSpec(session), candidate: sideSpec(session) } }
}

const PROBLEM = { missing: { part: 'driver', name: null }, message: 'No driver.', hint: 'Install it.' } as const

/** A machine on which only CUDA works, on device 0. */
function createMachine() {
  const asked: string[] = []
  async function probe({ provider, deviceId }: AskedProvider, engineVersion: string | null): Promise<ProviderProbe> {
    asked.push(`${provider} ${deviceId} ${engineVersion}`)
    const works = provider === 'cuda' && deviceId === 0
    return works ? { provider, deviceId, kind: 'works' } : { provider, deviceId, kind: 'missing', problem: PROBLEM }
  }
  return { asked, deps: { probe, architecture: 'x64' } }
}

describe('checkSessions', () => {
  test('each execution provider is tried once, the processor never', async () => {
    const { asked, deps } = createMachine()
    const cases = [
      {},
      { executionProvider: 'cuda' },
      { executionProvider: 'cuda' },
      { executionProvider: 'cuda', deviceId: 1 },
      { executionProvider: 'cuda', engineVersion: '1.29.0' }
    ] as const

    const failures = await checkSessions(
      deps,
      cases.map((session, index) => sameSession(index, session))
    )

    expect(asked).toEqual(['cuda 0 null', 'cuda 1 null', 'cuda 0 1.29.0'])
    expect([...failures]).toEqual([
      [3, { code: 'provider_unavailable', side: 'baseline', message: 'No driver.', hint: 'Install it.' }]
    ])
  })

  test('one side is enough to fail', async () => {
    const spec = { baseline: sideSpec({}), candidate: sideSpec({ executionProvider: 'webgpu' }) }

    const failures = await checkSessions(createMachine().deps, [{ caseIndex: 7, spec }])

    expect(failures.get(7)).toMatchObject({ side: 'candidate', code: 'provider_unavailable' })
  })

  test.each<[Partial<SessionSpec>, RegExp]>([
    [{ deviceId: 1 }, /asks for device 1 of cpu/],
    [{ executionProvider: 'webgpu', deviceId: 1 }, /asks for device 1 of webgpu/],
    [{ configEntries: { 'session.intra_op.allow_spinning': 'yes' } }, /to "yes", and it takes "0" or "1"/],
    [{ configEntries: { 'session.dynamic_block_base': '-3' } }, /to "-3", and it takes a whole number/],
    [{ configEntries: { 'session.dynamic_block_base': 'abc' } }, /takes a whole number/],
    [
      { configEntries: { 'mlas.enable_gemm_fastmath_arm64_bfloat16': '1' } },
      /only arm64 processors have, and this one is x64/
    ]
  ])('%o is refused before anything is tried', async (session, message) => {
    const { asked, deps } = createMachine()

    const failures = await checkSessions(deps, [sameSession(0, session)])

    expect(failures.get(0)).toMatchObject({ code: 'session_unsupported', message: expect.stringMatching(message) })
    expect(asked).toEqual([])
  })

  test.each<Partial<SessionSpec>>([
    { configEntries: { 'session.dynamic_block_base': '4', 'session.set_denormal_as_zero': '1' } },
    { cpuFallback: 'forbid' },
    { executionProvider: 'cuda', cpuFallback: 'forbid' }
  ])('%o is fine', async (session) => {
    expect((await checkSessions(createMachine().deps, [sameSession(0, session)])).size).toBe(0)
  })
})
