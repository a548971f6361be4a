import { describe, expect, test } from 'vitest'
import { TINY_MEASURING } from '#test/fixtures/measuring/small-job.ts'
import {
  blockRequests,
  blockTimeoutMs,
  drawQuadOrder,
  drawSideOrder,
  isRoundComplete,
  lengthenWarmUp,
  needsWarmUp,
  roundTermsOf,
  shuffle
} from '#workers/measure/measuring-rules.ts'

const lasting = (roundMs: number) => roundTermsOf({ kind: 'single_stream' }, { roundMs })

describe('blockRequests', () => {
  test.each([
    [50_000, 50],
    [100_000, 50],
    [100_001, 50],
    [110_000, 46],
    [1_000_000, 5],
    [1_300_000, 4],
    [5_000_000, 1],
    [80_000_000, 1]
  ])('a latency of %i ns gives %i requests', (latencyNs, requests) => {
    expect(blockRequests(latencyNs)).toBe(requests)
  })

  test('an unknown latency gives one request', () => {
    expect(blockRequests(Number.NaN)).toBe(1)
  })
})

describe('order', () => {
  test('a quad is ABBA or BAAB, never anything else', () => {
    expect(drawQuadOrder(() => 0)).toEqual(['baseline', 'candidate', 'candidate', 'baseline'])
    expect(drawQuadOrder(() => 0.5)).toEqual(['candidate', 'baseline', 'baseline', 'candidate'])
  })

  test('both sides come first sometimes', () => {
    expect(drawSideOrder(() => 0.49)).toEqual(['baseline', 'candidate'])
    expect(drawSideOrder(() => 0.51)).toEqual(['candidate', 'baseline'])
  })

  test('shuffling keeps every item and leaves the argument alone', () => {
    const items = [1, 2, 3, 4]

    expect(shuffle(items, () => 0.999)).toEqual([4, 3, 2, 1])
    expect(shuffle(items, () => 0)).toEqual([1, 2, 3, 4])
    expect(items).toEqual([1, 2, 3, 4])
  })
})

describe('needsWarmUp', () => {
  const plan = { warmUpRequests: 200, warmUpMs: 1000, warmUpCapMs: 10_000 }

  test.each([
    { requests: 0, elapsedMs: 0, needed: true },
    { requests: 5000, elapsedMs: 999, needed: true },
    { requests: 199, elapsedMs: 9000, needed: true },
    { requests: 200, elapsedMs: 1000, needed: false },
    { requests: 10, elapsedMs: 10_000, needed: false }
  ])('after $requests requests and $elapsedMs ms: $needed', ({ needed, ...done }) => {
    expect(needsWarmUp(done, plan)).toBe(needed)
  })

  test('no warm-up is needed where none is asked for', () => {
    expect(needsWarmUp({ requests: 0, elapsedMs: 0 }, { warmUpRequests: 0, warmUpMs: 0, warmUpCapMs: 0 })).toBe(false)
  })
})

test('a longer warm-up is longer in all that bounds it', () => {
  const plan = { ...TINY_MEASURING, warmUpRequests: 200, warmUpMs: 1000, warmUpCapMs: 10_000 }

  expect(lengthenWarmUp(plan)).toEqual({ ...plan, warmUpRequests: 800, warmUpMs: 4000, warmUpCapMs: 40_000 })
})

describe('isRoundComplete', () => {
  test.each([
    { quads: 1, measuredMs: 9000, requestsPerSide: 500, complete: false },
    { quads: 2, measuredMs: 1999, requestsPerSide: 500, complete: false },
    { quads: 9, measuredMs: 2000, requestsPerSide: 119, complete: false },
    { quads: 9, measuredMs: 2000, requestsPerSide: 120, complete: true },
    { quads: 30, measuredMs: 6000, requestsPerSide: 60, complete: false },
    { quads: 59, measuredMs: 23_999, requestsPerSide: 118, complete: false },
    { quads: 2, measuredMs: 24_000, requestsPerSide: 4, complete: true }
  ])('$quads quads, $measuredMs ms, $requestsPerSide requests: $complete', ({ complete, ...done }) => {
    expect(isRoundComplete(done, lasting(2000))).toBe(complete)
  })

  test.each([
    { roundMs: 10_000, measuredMs: 29_999, complete: false },
    { roundMs: 10_000, measuredMs: 30_000, complete: true },
    { roundMs: 100, measuredMs: 23_999, complete: false },
    { roundMs: 100, measuredMs: 24_000, complete: true }
  ])('a slow model is cut at three times $roundMs ms and not before 24 s: $measuredMs ms', (expected) => {
    const done = { quads: 10, measuredMs: expected.measuredMs, requestsPerSide: 20 }

    expect(isRoundComplete(done, lasting(expected.roundMs))).toBe(expected.complete)
  })

  test.each([
    { measuredMs: 999, requestsPerSide: 50_000, complete: false },
    { measuredMs: 1000, requestsPerSide: 4999, complete: false },
    { measuredMs: 1000, requestsPerSide: 5000, complete: true }
  ])('of a long round $measuredMs ms and $requestsPerSide requests: $complete', ({ complete, ...done }) => {
    expect(isRoundComplete({ quads: 50, ...done }, lasting(600_000))).toBe(complete)
  })

  test.each([100_000, 1_000_000, 20_000_000, 100_000_000])(
    'a model of %i ns gets at least 120 requests per side, and hardly more than 5,000',
    (latencyNs) => {
      const requests = 2 * blockRequests(latencyNs)
      let quads = 0
      const done = () => ({
        quads,
        measuredMs: (2 * quads * requests * latencyNs) / 1e6,
        requestsPerSide: quads * requests
      })
      while (!isRoundComplete(done(), lasting(2000))) quads += 1

      expect(done().requestsPerSide).toBeGreaterThanOrEqual(120)
      expect(done().requestsPerSide).toBeLessThan(5000 + requests)
    }
  )
})

describe('blockTimeoutMs', () => {
  test('one request may use its whole allowance, the block twenty times what is expected', () => {
    expect(blockTimeoutMs(1, 5_000_000, 60_000)).toBe(61_100)
    expect(blockTimeoutMs(50, 100_000, 10)).toBe(1110)
  })
})
