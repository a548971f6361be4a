import { expect, test } from 'vitest'
import type { Quad } from '#stats/paired-sample.ts'
import { cutWindows } from '#stats/windows.ts'

/** Latencies name their place: quad 2, side 1 (candidate), block 0, position 5 is 2105. */
function numberedQuad(quad: number, requestsPerBlock: number, blocksPerSide = 2): Quad {
  const block = (side: number, index: number) =>
    Array.from({ length: requestsPerBlock }, (_, position) => quad * 1000 + side * 100 + index * 20 + position)
  const blocks = (side: number) => Array.from({ length: blocksPerSide }, (_, index) => block(side, index))
  return { baseline: blocks(0), candidate: blocks(1) }
}

test('puts short quads together until both sides have enough requests; what is left joins the last window', () => {
  const quads = [0, 1, 2, 3, 4].map((quad) => numberedQuad(quad, 3))

  const windows = cutWindows(quads, 12)

  expect(windows.map(({ baseline, candidate }) => [baseline.length, candidate.length])).toEqual([
    [12, 12],
    [18, 18]
  ])
  expect(windows[0]?.candidate).toEqual(
    Float64Array.from([100, 101, 102, 120, 121, 122, 1100, 1101, 1102, 1120, 1121, 1122])
  )
})

test('cuts a long quad by position, so that equal positions of all four blocks stand together', () => {
  const windows = cutWindows([numberedQuad(0, 14)], 12)

  expect(windows.map(({ baseline }) => [...baseline])).toEqual([
    [0, 1, 2, 3, 4, 5, 20, 21, 22, 23, 24, 25],
    [6, 7, 8, 9, 10, 11, 12, 13, 26, 27, 28, 29, 30, 31, 32, 33]
  ])
  expect(windows.map(({ candidate }) => candidate[0])).toEqual([100, 106])
})

test('leaves a quad whole when its shortest block cannot be cut twice', () => {
  const short = numberedQuad(0, 40)
  const quad = { ...short, candidate: [short.candidate[0]?.slice(0, 7) ?? [], short.candidate[1] ?? []] }

  const windows = cutWindows([quad, numberedQuad(1, 3, 4)], 12)

  expect(windows.map(({ baseline, candidate }) => [baseline.length, candidate.length])).toEqual([
    [80, 47],
    [12, 12]
  ])
})

test('gives no windows when they cannot be filled twice', () => {
  expect(cutWindows([numberedQuad(0, 11)], 12)).toEqual([])
  expect(cutWindows([], 12)).toEqual([])
})

test('loses no request and doubles none', () => {
  const quads = [3, 50, 1, 7, 24, 2].map((requests, quad) => numberedQuad(quad, requests))

  for (const minRequests of [1, 6, 12, 60]) {
    const windows = cutWindows(quads, minRequests)
    const seen = windows.flatMap(({ baseline, candidate }) => [...baseline, ...candidate]).sort((a, b) => a - b)
    const all = quads.flatMap(({ baseline, candidate }) => [...baseline, ...candidate].flat()).sort((a, b) => a - b)
    expect(seen).toEqual(all)
    for (const { baseline, candidate } of windows) {
      expect(Math.min(baseline.length, candidate.length)).toBeGreaterThanOrEqual(minRequests)
    }
  }
})
