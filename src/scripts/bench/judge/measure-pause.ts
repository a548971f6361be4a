import { setImmediate as nextTurn } from 'node:timers/promises'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { Block } from '#contracts/measurements.ts'
import { decodeResult, encodeResult } from '#queue/result-codec.ts'
import { createResultJudge } from '#src/result-judge.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import { BASELINE_SHA, HEAD_SHA, samplePlan, sampleResult } from '#test/run/sample-run.ts'

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined }

export interface Pauses {
  /** Longest turn of the event loop while a process of its own judges, as in the bot. */
  readonly ownProcessMs: number
  /** The same, judged on the event loop. */
  readonly onLoopMs: number
}

/** Measures how long this process can answer nobody while the blocks of a result are judged. */
export async function measurePauses(blocks: readonly Block[]): Promise<Pauses> {
  const result = wrapBlocks(blocks)
  const expected = { baselineSha: BASELINE_SHA, candidateSha: HEAD_SHA, plan: samplePlan() }
  const question = { jobId: result.jobId, expected }
  const encoded = await encodeResult(result)
  const judge = createResultJudge({ log: QUIET })
  try {
    const ownProcessMs = await longestTurn(() => judge.judge(question, encoded))
    const onLoopMs = await longestTurn(async () => {
      const decoded = await decodeResult(encoded, { ...expected, jobId: question.jobId })
      if (decoded.kind === 'invalid') throw new Error(decoded.message)
      judgeResult(expected, decoded.result)
    })
    return { ownProcessMs, onLoopMs }
  } finally {
    await judge.close()
  }
}

async function longestTurn(work: () => Promise<unknown>): Promise<number> {
  let isDone = false
  let longestMs = 0
  let lastMs = performance.now()
  const working = work().finally(() => {
    isDone = true
  })
  while (!isDone) {
    await nextTurn()
    const nowMs = performance.now()
    longestMs = Math.max(longestMs, nowMs - lastMs)
    lastMs = nowMs
  }
  await working
  return longestMs
}

function wrapBlocks(blocks: readonly Block[]): BenchmarkResult {
  const sample = sampleResult(1)
  return { ...sample, cases: sample.cases.map((item) => ({ ...item, blocks: [...blocks] })) }
}
