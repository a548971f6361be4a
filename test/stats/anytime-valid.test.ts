import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { anytimeHalfWidth, anytimePValue } from '#stats/anytime-valid.ts'
import { testMean, testMetric } from '#stats/test-rounds.ts'
import { seededNormal, seededRandom } from './build-measurements.ts'

const LOOKS = Array.from({ length: 45 }, (_, index) => index + 6)

/** A test whose t is given: n rounds, standard error 1. */
function testWith(t: number, rounds: number) {
  return { estimate: t, standardError: 1, degreesOfFreedom: rounds - 1, pValue: Number.NaN }
}

describe('anytimePValue', () => {
  it('agrees with a calculation by hand', () => {
    // n = 9, t = 6: BF = 10^(−1/2) · ((1 + 36/8) / (1 + 36/80))^(9/2) = (5.5 / 1.45)^4.5 / √10 = 127.49.
    expect(1 / anytimePValue(testWith(6, 9))).toBeCloseTo((5.5 / 1.45) ** 4.5 / Math.sqrt(10), 9)
    expect(1 / anytimePValue(testWith(6, 9))).toBeCloseTo(127.49, 2)
  })

  it('agrees with the Bayes factor as an integral over effects and spreads', () => {
    expect(1 / anytimePValue(testMean(VALUES))).toBeCloseTo(integrateBayesFactor(VALUES), 4)
  })

  it('is one where nothing speaks against equality', () => {
    expect(anytimePValue(testWith(0, 12))).toBe(1)
  })

  it('stays a positive number or zero for any t', () => {
    for (const t of [1e-300, 1, 1e10, 1e200]) {
      const pValue = anytimePValue(testWith(t, 200))
      expect(pValue).toBeGreaterThanOrEqual(0)
      expect(pValue).toBeLessThanOrEqual(1)
    }
  })
})

describe('anytimeHalfWidth', () => {
  it('is where the Bayes factor reaches 1 / alpha', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 6, max: 300 }),
        fc.double({ min: 0.02, max: 0.5, noNaN: true }),
        (rounds, alpha) => {
          const halfWidth = anytimeHalfWidth(testWith(0, rounds), alpha)
          expect(anytimePValue(testWith(halfWidth, rounds))).toBeCloseTo(alpha, 9)
        }
      )
    )
  })

  it('is infinite where so few rounds cannot be that certain', () => {
    // n = 6: the Bayes factor stays below 7^(5/2) = 129.6, whatever t is.
    expect(anytimeHalfWidth(testWith(0, 6), 1 / 129)).toBeLessThan(Number.POSITIVE_INFINITY)
    expect(anytimeHalfWidth(testWith(0, 6), 1 / 130)).toBe(Number.POSITIVE_INFINITY)
  })

  it('scales with the standard error', () => {
    const wide = { ...testWith(0, 20), standardError: 3 }

    expect(anytimeHalfWidth(wide, 0.1)).toBeCloseTo(3 * anytimeHalfWidth(testWith(0, 20), 0.1), 12)
  })
})

describe('looking after every round, simulated', () => {
  it('calls identical code different in less than 5 % of runs, however often it looks', () => {
    // 200 runs, 10 expected at most; 19 are exceeded with a chance of 0.3 %. A plain t test at 5 % errs many times as often.
    expect(countAlarms('p50', seededNormal(41), (test) => anytimePValue(test) <= 0.05)).toBeLessThanOrEqual(19)
    expect(countAlarms('p95', seededNormal(42), (test) => anytimePValue(test) <= 0.05)).toBeLessThanOrEqual(19)
    expect(countAlarms('p50', seededNormal(41), ({ pValue }) => pValue <= 0.05)).toBeGreaterThan(40)
  })

  it('holds with heavy tails, where a plain mean sees hardly anything', () => {
    const contaminated = contaminatedNormal(43)

    expect(countAlarms('p95', contaminated, (test) => anytimePValue(test) <= 0.05)).toBeLessThanOrEqual(19)
  })

  it('loses the truth from its interval in less than 5 % of runs per side', () => {
    const missed = (metric: 'p50' | 'p95', seed: number) =>
      countAlarms(metric, seededNormal(seed), (test) => test.estimate - anytimeHalfWidth(test, 0.1) > 0)

    for (const [index, metric] of (['p50', 'p95'] as const).entries()) {
      expect(missed(metric, 44 + index)).toBeLessThanOrEqual(19)
      // It is no wider than it has to be: some are missed.
      expect(missed(metric, 44 + index)).toBeGreaterThan(0)
    }
  })
})

const VALUES = [0.9, 1.4, -0.2, 0.7, 1.1, 0.3, 0.8]

/**
 * The definition: the likelihood with effect δ ~ N(0, 1) in units of the spread σ against that without, both averaged over σ
 * with weight 1/σ. The mean over σ is a gamma function of the sums; δ is integrated by steps.
 */
function integrateBayesFactor(values: readonly number[]): number {
  const step = 0.01
  let withEffect = 0
  for (let effect = -8; effect <= 8; effect += step) {
    withEffect += step * Math.exp((-effect * effect) / 2) * overSpreads(values, effect)
  }
  return withEffect / Math.sqrt(2 * Math.PI) / overSpreads(values, 0)
}

/** ∫ σ^(−n−1) exp(−Σ(x − δσ)² / 2σ²) dσ, in the logarithm of σ. */
function overSpreads(values: readonly number[], effect: number): number {
  const step = 0.05
  let sum = 0
  for (let logSpread = -4; logSpread <= 4; logSpread += step) {
    const spread = Math.exp(logSpread)
    const squares = values.reduce((total, value) => total + ((value - effect * spread) / spread) ** 2, 0)
    sum += step * Math.exp(-values.length * logSpread - squares / 2)
  }
  return sum
}

function countAlarms(
  metric: 'p50' | 'p95',
  draw: () => number,
  isAlarm: (test: ReturnType<typeof testMetric>) => boolean
): number {
  let alarms = 0
  for (let run = 0; run < 200; run += 1) {
    const values = Array.from({ length: 50 }, draw)
    if (LOOKS.some((rounds) => isAlarm(testMetric(metric, values.slice(0, rounds))))) alarms += 1
  }
  return alarms
}

/** One in ten with five times the spread. */
function contaminatedNormal(seed: number): () => number {
  const normal = seededNormal(seed)
  const random = seededRandom(seed)
  return () => normal() * (random() < 0.1 ? 5 : 1)
}
