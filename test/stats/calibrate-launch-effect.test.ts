import { describe, expect, test } from 'vitest'
import { estimateLaunchEffect, splitIntoSegments } from '#stats/calibrate-launch-effect.ts'
import { drawNormals, simulateBlocks } from '#test/fixtures/calibrations/simulate-rounds.ts'

interface Components {
  readonly launches: number
  readonly segments: number
  readonly launchSd: number
  readonly withinSd: number
  readonly seed: number
}

function simulate({ launches, segments, launchSd, withinSd, seed }: Components): number[][] {
  const normals = drawNormals(launches * (segments + 1), seed)
  return Array.from({ length: launches }, (_, launch) => {
    const [shift = 0, ...noise] = normals.slice(launch * (segments + 1), (launch + 1) * (segments + 1))
    return noise.map((value) => launchSd * shift + withinSd * value)
  })
}

describe('splitting the scatter of identical code', () => {
  test('an analysis of variance worked by hand', () => {
    // Means 0, 2, 4, 6, 8, 10 have variance 14; each pair scatters by 2 around its mean.
    const launches = [0, 2, 4, 6, 8, 10].map((mean) => [mean - 1, mean + 1])

    const effect = estimateLaunchEffect(launches)

    expect(effect?.withinVariance).toBeCloseTo(2, 10)
    expect(effect?.launchVariance).toBeCloseTo(14 - 2 / 2, 10)
    expect(effect?.isSeen).toBe(true)
  })

  test('known components are found again', () => {
    const effect = estimateLaunchEffect(simulate({ launches: 2000, segments: 8, launchSd: 0.5, withinSd: 1, seed: 1 }))

    expect(Math.sqrt(effect?.launchVariance ?? 0)).toBeCloseTo(0.5, 1)
    expect(Math.sqrt(effect?.withinVariance ?? 0)).toBeCloseTo(1, 1)
    expect(effect?.launchVarianceLimit).toBeGreaterThan(0.25)
  })

  test('without a launch effect one is seen in at most one of twenty calibrations, and the limit is above it', () => {
    const effects = Array.from({ length: 400 }, (_, seed) =>
      estimateLaunchEffect(simulate({ launches: 120, segments: 8, launchSd: 0, withinSd: 1, seed }))
    )
    const seen = effects.filter((effect) => effect?.isSeen === true).length / effects.length
    const limited = effects.filter((effect) => (effect?.launchVarianceLimit ?? 0) > 0).length / effects.length

    expect(seen).toBeGreaterThan(0.02)
    expect(seen).toBeLessThan(0.085)
    expect(limited).toBeGreaterThan(0.915)
  })

  test('the upper limit covers the truth nineteen times of twenty', () => {
    const covered = Array.from({ length: 400 }, (_, seed) => {
      const effect = estimateLaunchEffect(simulate({ launches: 60, segments: 4, launchSd: 0.5, withinSd: 1, seed }))
      return (effect?.launchVarianceLimit ?? 0) >= 0.25
    })

    expect(covered.filter(Boolean).length / covered.length).toBeGreaterThan(0.91)
  })

  test('launches that agree better than chance have no negative effect', () => {
    const launches = [-1, 1, -1, 1, -1, 1].map((sign) => [sign, -sign])

    expect(estimateLaunchEffect(launches)).toMatchObject({ launchVariance: 0, isSeen: false })
  })

  test.each([
    ['five launches', simulate({ launches: 5, segments: 8, launchSd: 1, withinSd: 1, seed: 1 })],
    ['one segment', simulate({ launches: 50, segments: 1, launchSd: 1, withinSd: 1, seed: 1 })],
    ['no launches', []],
    ['no scatter', Array.from({ length: 10 }, () => [1, 1])]
  ])('%s tell nothing', (_name, launches) => {
    expect(estimateLaunchEffect(launches)).toBeNull()
  })
})

describe('cutting launches into segments', () => {
  const machine = { launches: 6, requestSd: 0.1, launchSd: 0, bias: 0, seed: 1 }

  test('each launch becomes eight stretches that hold all its requests', () => {
    const segmented = splitIntoSegments(simulateBlocks({ ...machine, quads: 20 }))

    expect(segmented?.segments).toBe(8)
    expect(segmented?.launches).toHaveLength(6)
    for (const segments of segmented?.launches ?? []) {
      expect(segments.map(({ launch }) => launch)).toEqual([0, 1, 2, 3, 4, 5, 6, 7])
      expect(segments.reduce((sum, { requests }) => sum + requests.baseline, 0)).toBe(200)
      expect(Math.min(...segments.map(({ quads }) => quads))).toBeGreaterThanOrEqual(2)
    }
  })

  test('short launches become fewer, too short ones none', () => {
    expect(splitIntoSegments(simulateBlocks({ ...machine, quads: 7 }))?.segments).toBe(3)
    expect(splitIntoSegments(simulateBlocks({ ...machine, quads: 3 }))).toBeNull()
    expect(splitIntoSegments([])).toBeNull()
  })
})
