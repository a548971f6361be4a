import { describe, expect, test } from 'vitest'
import { summariseHandOver } from '#src/scripts/bench/harness/measure-hand-over.ts'
import { renderHarness } from '#src/scripts/bench/harness/render-harness.ts'
import { type IntakeFigures, isLossless, renderIntake } from '#src/scripts/bench/intake/render-intake.ts'
import type { Volley } from '#src/scripts/bench/intake/send-deliveries.ts'
import { renderTable } from '#src/scripts/bench/render-table.ts'

function volley(accepted: number, elapsedMs: number, refused = 0): Volley {
  return { accepted, refused, elapsedMs, latenciesMs: Array.from({ length: accepted + refused }, () => 2) }
}

/** Takes `accepted` deliveries in each of nine seconds, after a warm-up of 10. */
function figures(name: IntakeFigures['name'], accepted: number, stored: number | null): IntakeFigures {
  return { name, warmUp: volley(10, 100), volleys: Array.from({ length: 9 }, () => volley(accepted, 1000)), stored }
}

test('a table is aligned, so that it can be read before it is rendered', () => {
  expect(
    renderTable(
      ['what', 'n'],
      [
        ['a', '1'],
        ['longer', '1000']
      ]
    )
  ).toBe(['| what   |    n |', '| ------ | ---: |', '| a      |    1 |', '| longer | 1000 |'].join('\n'))
})

describe('renderIntake', () => {
  const context = { machine: 'a machine', skipped: null }

  test('the rate stands over the bare app and beside its aim', () => {
    const text = renderIntake([figures('bare', 1000, null), figures('embedded', 700, 6310)], context)

    expect(text).toMatch(/\| bare Probot app +\| +1000 \| +2\.00 ms \| +2\.00 ms \| +1 \|/)
    expect(text).toMatch(
      /\| Tailgate, embedded database +\| +700 \|.*\| 0\.700 \[0\.700, 0\.700\] \| ≥ 0\.6: reached \|/
    )
    expect(text).toContain('6310 of 6310 |   6310 |')
  })

  test('a lost delivery is shown', () => {
    const lossy = figures('embedded', 700, 6309)

    expect(isLossless(lossy)).toBe(false)
    expect(renderIntake([figures('bare', 1000, null), lossy], context)).toContain('6309 (lost!)')
  })

  test('a delivery that was refused and not stored is not lost', () => {
    expect(isLossless({ ...figures('embedded', 700, 10), volleys: [volley(0, 1000, 5)] })).toBe(true)
  })

  test('what was skipped is named with its reason', () => {
    const text = renderIntake([figures('bare', 1000, null)], { ...context, skipped: 'there is no redis-server' })

    expect(text).toContain('Tailgate, Redis and Postgres: skipped, there is no redis-server.')
  })
})

describe('renderHarness', () => {
  test('the overhead is the median over launches, beside its aim and the control', () => {
    const launches = Array.from({ length: 9 }, (_, index) => {
      return { bareP50Ns: 100_000, sideP50Ns: 101_000, sideRatio: 1.006 + index / 1000, controlRatio: 1 }
    })
    const handOver = { handOvers: 10, p50Ms: 0.2, p99Ms: 0.5, share: 0.04 }

    const text = renderHarness([{ name: 'small', launches, handOver }], { machine: 'a machine', sandbox: 'none' })

    expect(text).toMatch(/\| small +\| +100 µs \| +101 µs \| 1\.010 \[1\.007, 1\.013\] \| ≤ 1\.02: reached \| 1\.000/)
    expect(text).toMatch(/\| small +\| +10 \| 200 µs \| 500 µs \| < 0\.3 ms: reached \| +4\.0 % \|/)
  })
})

test('the hand-over is the time from one block to the next less its latencies', () => {
  const turns = [0, 2.1, 4.3, 6.6].map((startMs) => ({ startMs, busyMs: 2 }))

  const handOver = summariseHandOver(turns)

  expect(handOver.handOvers).toBe(3)
  expect(handOver.p50Ms).toBeCloseTo(0.2)
  expect(handOver.p99Ms).toBeCloseTo(0.298)
  expect(handOver.share).toBeCloseTo(0.2 / 2.2)
})
