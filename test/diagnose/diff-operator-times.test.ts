import { describe, expect, test } from 'vitest'
import type { OperatorTimes } from '#contracts/graph.ts'
import { compareRepeats, MIN_PROFILES } from '#src/diagnose/compare-repeats.ts'
import { diffOperatorTimes } from '#src/diagnose/diff-operator-times.ts'
import { diffPlacements } from '#src/diagnose/diff-placements.ts'
import { createRandom } from '#workers/side/random-numbers.ts'
import { sampleProfile } from './sample-evidence.ts'

function profiles(times: Readonly<Record<string, number>>, count = 3) {
  return Array.from({ length: count }, (_, index) =>
    sampleProfile(Object.fromEntries(Object.entries(times).map(([type, ns]) => [type, ns + 200 * index])))
  )
}

describe('operator times', () => {
  test('the biggest contributor comes first, with its share of the change', () => {
    const diff = diffOperatorTimes({
      baseline: profiles({ Conv: 100_000, Relu: 50_000, Add: 10_000 }),
      candidate: profiles({ Conv: 120_000, Relu: 130_000, Add: 10_000 })
    })

    expect(diff?.contributors).toMatchObject([
      { type: 'Relu', changeNs: 80_000, shareOfChange: 0.8, node: { name: 'Relu_0', changeNs: 80_000 } },
      { type: 'Conv', changeNs: 20_000, shareOfChange: 0.2 }
    ])
    expect(diff?.explainedShare).toBeCloseTo(1)
    expect(diff?.run).toMatchObject({ changeNs: 100_000, standsOut: true })
  })

  test('an operator that is new or gone counts with its whole time', () => {
    const diff = diffOperatorTimes({ baseline: profiles({ Relu: 50_000 }), candidate: profiles({ Erf: 90_000 }) })

    expect(diff?.contributors).toMatchObject([
      { type: 'Erf', ns: { baseline: 0 }, nodes: { baseline: 0, candidate: 1 }, node: null },
      { type: 'Relu', ns: { candidate: 0 }, nodes: { baseline: 1, candidate: 0 } }
    ])
  })

  test('what repeated profiles of one side differ by is no change', () => {
    const noisy = (base: number) =>
      [0, 30_000, 60_000].map((more) => sampleProfile({ Conv: base + more, Relu: 20_000 }))

    const diff = diffOperatorTimes({ baseline: noisy(100_000), candidate: noisy(150_000) })

    expect(diff?.contributors).toEqual([])
    expect(diff).toMatchObject({ run: { changeNs: 50_000, standsOut: false }, explainedShare: null })
  })

  test('one or two profiles say nothing', () => {
    const two = { baseline: profiles({ Conv: 1e5 }, 2), candidate: profiles({ Conv: 9e5 }, 2) }

    expect(diffOperatorTimes(two)?.contributors).toEqual([])
    expect(diffOperatorTimes({ baseline: [], candidate: profiles({ Conv: 1e5 }) })).toBeNull()
  })

  test('less than a hundredth of the run is not told', () => {
    const diff = diffOperatorTimes({
      baseline: profiles({ Conv: 1e6, Relu: 10_000 }),
      candidate: profiles({ Conv: 1e6, Relu: 15_000 })
    })

    expect(diff?.contributors).toEqual([])
  })

  test('the call around ONNX Runtime is what is left of the wall', () => {
    const wide = (wallNs: number) =>
      [0, 500, 1000].map((more) => sampleProfile({ Relu: 1e5 }, { wallNs: wallNs + more }))

    expect(diffOperatorTimes({ baseline: wide(2e5), candidate: wide(3e5) })?.binding).toMatchObject({
      ns: { baseline: 90_500, candidate: 190_500 },
      standsOut: true
    })
  })
})

/** Of identical code, how often a time is told as changed: draws from one normal distribution. */
function falseShare(profilesPerSide: number): number {
  const random = createRandom(1)
  const draw = () => 1e6 + 5e4 * Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
  const side = () => Array.from({ length: profilesPerSide }, draw)
  const draws = 20_000
  let found = 0
  for (let index = 0; index < draws; index += 1) {
    if (compareRepeats({ baseline: side(), candidate: side() }).standsOut) found += 1
  }
  return found / draws
}

describe('noise', () => {
  test.each([
    [MIN_PROFILES, 0.016],
    [4, 0.002],
    [5, 0.011],
    [6, 0.0015],
    [7, 0.0005]
  ])('with %i profiles of each side identical code stands out in fewer than %f of comparisons', (count, most) => {
    expect(falseShare(count)).toBeLessThan(most)
  })

  test('one profile in five that something else got in the way of hides no change', () => {
    const baseline = [100_000, 101_000, 102_000, 101_500, 100_500]

    expect(compareRepeats({ baseline, candidate: [120_000, 121_000, 119_000, 120_500, 900_000] }).standsOut).toBe(true)
    expect(compareRepeats({ baseline, candidate: [101_000, 102_000, 101_500, 100_500, 900_000] }).standsOut).toBe(false)
  })

  test('a change of less than the clock tells is none', () => {
    expect(compareRepeats({ baseline: [5000, 5000, 5000], candidate: [6000, 6000, 6000] }).standsOut).toBe(false)
    expect(compareRepeats({ baseline: [5000, 5000, 5000], candidate: [7000, 7000, 7000] }).standsOut).toBe(true)
  })
})

describe('placement', () => {
  const placed = (counts: Readonly<Record<string, Readonly<Record<string, number>>>>): OperatorTimes => ({
    listed: Object.entries(counts).flatMap(([provider, types]) =>
      Object.entries(types).map(([type, nodes]) => ({ type, provider, nodes, callsPerRequest: nodes, timeNs: 1000 }))
    ),
    unlisted: { nodes: 0, timeNs: 0 },
    slowest: []
  })

  test('nodes that went from one provider to another are told, most first', () => {
    const { moves, providers } = diffPlacements(
      placed({ CUDA: { Conv: 10, Resize: 4, Add: 2 } }),
      placed({ CUDA: { Conv: 9, Add: 2 }, CPU: { Conv: 1, Resize: 4 } })
    )

    expect(moves).toEqual([
      { type: 'Resize', from: 'CUDA', to: 'CPU', nodes: 4 },
      { type: 'Conv', from: 'CUDA', to: 'CPU', nodes: 1 }
    ])
    expect(providers).toContainEqual({ provider: 'CPU', nodes: { baseline: 0, candidate: 5 } })
  })

  test('operators that are new or gone have not moved', () => {
    expect(
      diffPlacements(placed({ CUDA: { Relu: 3 } }), placed({ CUDA: { Erf: 3 }, CPU: { Shape: 1 } })).moves
    ).toEqual([])
  })
})
