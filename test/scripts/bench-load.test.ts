import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { simulateFifo } from '#src/scripts/bench/load/fifo-queue.ts'
import { createMd1Queue } from '#src/scripts/bench/load/md1-sojourn.ts'
import { KNEE_SERVICE_MS, knownKneePerS } from '#src/scripts/bench/load/measure-knee.ts'
import { type LoadFigures, renderLoad } from '#src/scripts/bench/load/render-load.ts'
import { quantileOfSorted } from '#stats/quantile.ts'
import { scheduleArrivals } from '#workers/load/arrival-schedule.ts'

describe('the M/D/1 queue in theory', () => {
  /** Service takes one second. */
  function simulate(utilisation: number, requests: number): Float64Array {
    const arrivalsNs = scheduleArrivals({
      kind: 'poisson',
      ratePerS: utilisation,
      durationNs: (requests / utilisation) * 1e9,
      seed: 11
    })
    const { endNs } = simulateFifo(arrivalsNs, () => 1e9)
    return endNs.map((end, index) => (end - (arrivalsNs[index] ?? 0)) / 1e9).sort()
  }

  test.each([0.3, 0.5, 0.7, 0.8])('is what a long queue does at ρ = %f', (utilisation) => {
    const queue = createMd1Queue(utilisation)
    const sojourns = simulate(utilisation, 150_000)

    for (const probability of [0.25, 0.5, 0.75, 0.9, 0.95, 0.99]) {
      const simulated = quantileOfSorted(sojourns, probability)
      expect(Math.abs(queue.sojournQuantile(probability) / simulated - 1)).toBeLessThan(0.03)
    }
    const mean = sojourns.reduce((sum, sojourn) => sum + sojourn, 0) / sojourns.length
    expect(Math.abs(queue.meanSojourn / mean - 1)).toBeLessThan(0.02)
  })

  test('an arrival finds the server free with probability 1 − ρ', () => {
    for (const utilisation of [0.1, 0.5, 0.9, 0.99]) {
      expect(createMd1Queue(utilisation).sojournCdf(1)).toBeCloseTo(1 - utilisation, 10)
    }
  })

  test('has the waiting times that Erlang computed, up to one service time', () => {
    // P(wait ≤ x) = (1 − ρ)·e^(ρx) for x < 1.
    for (const time of [0, 0.25, 0.5, 0.999]) {
      expect(createMd1Queue(0.9).sojournCdf(1 + time)).toBeCloseTo(0.1 * Math.exp(0.9 * time), 10)
    }
  })

  test('stays a distribution under high load, where the usual series loses all digits', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.97, noNaN: true }), (utilisation) => {
        const queue = createMd1Queue(utilisation)
        const values = Array.from({ length: 120 }, (_, step) => queue.sojournCdf(0.5 + step))

        expect(values.every((value, step) => value >= (values[step - 1] ?? 0) - 1e-9 && value <= 1)).toBe(true)
        // Its mean is that of Pollaczek and Khinchine: the integral of what is longer than x.
        const step = 0.02
        let mean = 0
        for (let x = step / 2; 1 - queue.sojournCdf(x) > 1e-7; x += step) mean += step * (1 - queue.sojournCdf(x))
        expect(Math.abs(mean / queue.meanSojourn - 1)).toBeLessThan(0.01)
      }),
      { numRuns: 12 }
    )
  })
})

describe('simulateFifo', () => {
  test('one server answers one request after the other', () => {
    const { startNs, endNs } = simulateFifo(Float64Array.of(0, 1, 10), () => 4)

    expect([...startNs]).toEqual([0, 4, 10])
    expect([...endNs]).toEqual([4, 8, 14])
  })

  test('two servers take two at a time', () => {
    const { startNs } = simulateFifo(Float64Array.of(0, 0, 0, 0), (index) => [5, 1, 1, 1][index] ?? 0, 2)

    expect([...startNs]).toEqual([0, 0, 1, 2])
  })
})

test('the known knee of p50 is where half of the requests begin to wait', () => {
  expect(knownKneePerS() * (KNEE_SERVICE_MS / 1000)).toBeCloseTo(0.5, 1)
})

describe('renderLoad', () => {
  const quantiles = (p50Ns: number, p99Ns: number) => ({ p50Ns, p99Ns })
  const theory = quantiles(1e6, 5e6)
  const segment = (late: number, measured = theory, calm = true) => {
    return { requests: 1000, calm, late, measured, computed: theory, replayed: measured }
  }
  const figures = (segments: readonly ReturnType<typeof segment>[]): LoadFigures => ({
    lateness: [
      {
        ratePerS: 10,
        ours: { requests: 50, p50Ns: 500, p99Ns: 90_000, worstNs: 95_000 },
        timers: { requests: 50, p50Ns: 80_000, p99Ns: 900_000, worstNs: 1e6 }
      }
    ],
    queues: [{ utilisation: 0.5, theory, segments }],
    knee: {
      found: { kind: 'found', ratePerS: 1050, latencyNs: 5e5 },
      knownPerS: 1000,
      steps: 10,
      requests: 3000,
      disturbed: 0
    },
    runners: [{ name: 'soak', ratios: [1, 1.001, 1.002, 1.003, 1.004, 1.005, 1.006, 1.007, 1.008] }]
  })

  test('shows each figure beside its reference and its aim', () => {
    const text = renderLoad(figures(Array.from({ length: 9 }, () => segment(0, quantiles(1.01e6, 5.1e6)))), 'a machine')

    expect(text).toMatch(/\| 10\/s +\| +50 \| 500 ns \| 90\.0 µs \|/)
    expect(text).toMatch(
      /\| ρ = 0\.5, p50 \| 1\.00 ms \| +9 of 9 \| 0\.00 % \|.* 1\.010 \[1\.010, 1\.010\] \| 1 ± 0\.05: reached/
    )
    expect(text).toContain('1050/s; known from theory: 1000/s; +5.0 %, aim ±10 %: reached')
    expect(text).toMatch(/\| soak +\| +9 \| 1\.004 \[1\.001, 1\.007\] \| ≤ 1\.02: reached \|/)
  })

  test('a segment with too many late requests is left out, and not called slow', () => {
    const segments = [...Array.from({ length: 8 }, () => segment(10)), segment(11, quantiles(9e6, 9e6))]

    expect(renderLoad(figures(segments), 'a machine')).toMatch(
      /8 of 9 \|.* 1\.000 \[1\.000, 1\.000\] \| 1 ± 0\.05: reached/
    )
  })

  test('so is one that others disturbed', () => {
    const segments = [...Array.from({ length: 8 }, () => segment(0)), segment(0, quantiles(9e6, 9e6), false)]

    expect(renderLoad(figures(segments), 'a machine')).toMatch(/8 of 9 \|/)
  })

  test('too few segments decide nothing', () => {
    const text = renderLoad(figures([segment(0), segment(0), segment(0)]), 'a machine')

    expect(text).toMatch(/3 of 3 \|.*1 ± 0\.05: open/)
  })

  test('a queue that is not the one in theory misses', () => {
    const text = renderLoad(figures(Array.from({ length: 9 }, () => segment(0, quantiles(1.2e6, 5e6)))), 'a machine')

    expect(text).toMatch(/ρ = 0\.5, p50 .*missed/)
    expect(text).toMatch(/ρ = 0\.5, p99 .*reached/)
  })

  test('a knee that was not found is said', () => {
    const none = {
      ...figures([segment(0)]),
      knee: { found: { kind: 'unknown' }, knownPerS: 1000, steps: 2, requests: 5, disturbed: 0 }
    } as const

    expect(renderLoad(none, 'a machine')).toContain('not found (unknown)')
  })
})
