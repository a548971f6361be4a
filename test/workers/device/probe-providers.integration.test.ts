import { describe, expect, test } from 'vitest'
import { probeProviders } from '#workers/device/probe-providers.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

const bubblewrap = await findBubblewrap()

describe('probeProviders', () => {
  test('the processor works', async () => {
    const asked = [{ provider: 'cpu', deviceId: 0 }] as const

    expect(await probeProviders({ asked, bubblewrap: null, engineDirectory: null })).toEqual([
      { provider: 'cpu', deviceId: 0, kind: 'works' }
    ])
  })

  test.each([null, ...(bubblewrap === null ? [] : [bubblewrap])])(
    'whatever a device or a library lacks is told by its name (sandbox: %s)',
    async (sandbox) => {
      const asked = (['cuda', 'tensorrt', 'webgpu'] as const).map((provider) => ({ provider, deviceId: 0 }))

      const probes = await probeProviders({ asked, bubblewrap: sandbox, engineDirectory: null })

      expect(probes.map(({ provider }) => provider)).toEqual(['cuda', 'tensorrt', 'webgpu'])
      for (const probe of probes) {
        if (probe.kind === 'missing') expect(probe.problem).not.toMatchObject({ missing: { part: 'unknown' } })
      }
    }
  )

  test('an engine that is not installed is no other one in its place', async () => {
    const asked = [{ provider: 'cpu', deviceId: 0 }] as const

    const [probe] = await probeProviders({ asked, bubblewrap: null, engineDirectory: import.meta.dirname })

    expect(probe).toMatchObject({
      kind: 'missing',
      problem: { message: expect.stringContaining('Cannot find module') }
    })
  })
})
