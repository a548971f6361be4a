import { describe, expect, test } from 'vitest'
import { runGenerate } from '#workers/scenarios/generate.ts'

function recordingDecoder(failing: number | null = null) {
  const calls: string[] = []
  return {
    calls,
    prefill: async (index: number) => {
      calls.push(`prefill ${index}`)
    },
    decode: async () => {
      calls.push('decode')
      if (calls.length === failing) throw new Error('failed')
    }
  }
}

describe('runGenerate', () => {
  test('takes the prompt, then one step for each further token', async () => {
    const decoder = recordingDecoder()

    await runGenerate(decoder, { requests: 2, newTokens: 3, firstIndex: 5 })

    expect(decoder.calls).toEqual(['prefill 5', 'decode', 'decode', 'prefill 6', 'decode', 'decode'])
  })

  test('the time to the first token and the gaps between tokens add up to the latency', async () => {
    const outcomes = await runGenerate(recordingDecoder(), { requests: 3, newTokens: 4, firstIndex: 0 })

    expect(outcomes).toMatchObject({
      errors: 0,
      ttftNs: { length: 3 },
      itlNs: { length: 9 },
      latenciesNs: { length: 3 }
    })
    for (const [request, latencyNs] of outcomes.latenciesNs.entries()) {
      const gaps = outcomes.itlNs.slice(3 * request, 3 * request + 3)
      expect((outcomes.ttftNs[request] ?? 0) + gaps.reduce((sum, gapNs) => sum + gapNs, 0)).toBe(latencyNs)
    }
  })

  test('half a text leaves no numbers behind', async () => {
    const outcomes = await runGenerate(recordingDecoder(5), { requests: 3, newTokens: 3, firstIndex: 0 })

    expect(outcomes).toMatchObject({
      errors: 1,
      ttftNs: { length: 2 },
      itlNs: { length: 4 },
      latenciesNs: { length: 2 }
    })
    expect(outcomes.latenciesNs.every((latencyNs) => latencyNs > 0)).toBe(true)
  })
})
