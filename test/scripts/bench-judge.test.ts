import { expect, test } from 'vitest'
import { Block } from '#contracts/measurements.ts'
import { type JudgeFigures, renderJudge } from '#src/scripts/bench/judge/render-judge.ts'
import { LATENCIES, makeBlocks, SHAPES } from '#src/scripts/bench/judge/write-measurements.ts'
import { describeIrregularities, findDisorder } from '#stats/inspect-blocks.ts'
import { seededRandom } from '#test/stats/build-measurements.ts'

const PAUSES = { ownProcessMs: 12.3, onLoopMs: 900 }

function figures(judgeMs: number, peakMb: number): JudgeFigures {
  const run = { judgeMs, cpuMs: judgeMs + 100, parseMs: judgeMs / 4, peakMb, parsePeakMb: 80 }
  return { name: 'a file', fileMb: 12, runs: [run, run, { ...run, peakMb: peakMb + 9 }] }
}

test('time and memory stand beside their aims, over parsing alone', () => {
  const text = renderJudge([figures(1200, 300), figures(2400, 495)], PAUSES, 'a machine')

  expect(text).toMatch(
    /\| a file +\| 12 MB \| +1\.20 s \| +reached \| +1\.30 s \| +0\.30 s \| 4\.000 \[4\.000, 4\.000\] \| +309 MB \(80\) \| +reached \|/
  )
  expect(text).toMatch(/\| +2\.40 s \| +missed \|.*\| +504 MB \(80\) \| +missed \|/)
  expect(text).toContain('is judged: 12 ms; judged on the event loop itself it would be 900 ms.')
})

test.each(SHAPES)('$name: a million latencies', ({ cases, launches, quads, requestsPerBlock }) => {
  expect(cases * launches * quads * 4 * requestsPerBlock).toBe(LATENCIES)
})

test('what is judged is a regular recording', () => {
  const shape = { name: '', cases: 1, launches: 3, quads: 2, requestsPerBlock: 4 }

  const blocks = makeBlocks(shape, seededRandom(1))

  expect(blocks.every((block) => Block.safeParse(block).success)).toBe(true)
  expect(findDisorder(blocks)).toBeNull()
  expect(describeIrregularities(blocks)).toEqual([])
})
