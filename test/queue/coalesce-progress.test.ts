import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { coalesceProgress } from '#queue/coalesce-progress.ts'
import { exampleProgress } from './benchmark-examples.ts'

const QUIET = { info: () => undefined, warn: () => undefined, error: () => undefined }

beforeEach(() => {
  vi.useFakeTimers()
})

afterEach(() => {
  vi.useRealTimers()
})

function record(): { readonly sent: BenchmarkProgress[]; readonly job: Parameters<typeof coalesceProgress>[0] } {
  const sent: BenchmarkProgress[] = []
  const updateProgress = async (progress: unknown): Promise<void> => {
    sent.push(progress as BenchmarkProgress)
  }
  return { sent, job: { id: 'run-1', updateProgress } }
}

test('sends the first at once, then only the latest of each second', async () => {
  const { sent, job } = record()
  const progress = coalesceProgress(job, QUIET)

  for (const round of [1, 2, 3]) progress.report(exampleProgress(round))
  await vi.advanceTimersByTimeAsync(999)
  const inFirstSecond = sent.map(({ roundsDone }) => roundsDone)
  await vi.advanceTimersByTimeAsync(1)
  progress.report(exampleProgress(4))
  await vi.advanceTimersByTimeAsync(1000)

  expect(inFirstSecond).toEqual([1])
  expect(sent.map(({ roundsDone }) => roundsDone)).toEqual([1, 3, 4])
})

test('says nothing while nothing is reported, and sends at once again after a pause', async () => {
  const { sent, job } = record()
  const progress = coalesceProgress(job, QUIET)

  progress.report(exampleProgress(1))
  await vi.advanceTimersByTimeAsync(10_000)
  const quiet = sent.length
  progress.report(exampleProgress(2))
  await vi.advanceTimersByTimeAsync(0)

  expect(quiet).toBe(1)
  expect(sent.map(({ roundsDone }) => roundsDone)).toEqual([1, 2])
})

test('sends nothing after the end', async () => {
  const { sent, job } = record()
  const progress = coalesceProgress(job, QUIET)

  progress.report(exampleProgress(1))
  progress.report(exampleProgress(2))
  await progress.end()
  progress.report(exampleProgress(3))
  await vi.advanceTimersByTimeAsync(5000)

  expect(sent.map(({ roundsDone }) => roundsDone)).toEqual([1])
})

test('a write that fails is logged, and the next one is tried', async () => {
  const warnings: object[] = []
  const sent: unknown[] = []
  const updateProgress = async (progress: unknown): Promise<void> => {
    if (sent.push(progress) === 1) throw new Error('connection lost')
  }
  const log = { ...QUIET, warn: (fields: object) => warnings.push(fields) }
  const progress = coalesceProgress({ id: 'run-1', updateProgress }, log)

  progress.report(exampleProgress(1))
  await vi.advanceTimersByTimeAsync(1000)
  progress.report(exampleProgress(2))
  await progress.end()

  expect(warnings).toEqual([{ jobId: 'run-1', reason: 'connection lost', code: null }])
  expect(sent).toHaveLength(2)
})

test('a message is made storable: no tokens, no NUL, at most 500 characters', async () => {
  const { sent, job } = record()
  const progress = coalesceProgress(job, QUIET)

  progress.report({ ...exampleProgress(1), message: `a\0b ghp_0123456789abcdef0123 ${'x'.repeat(600)}` })
  await progress.end()

  expect(sent[0]?.message).toMatch(/^a\ufffdb \[redacted\] x+$/)
  expect(sent[0]?.message).toHaveLength(500)
})
