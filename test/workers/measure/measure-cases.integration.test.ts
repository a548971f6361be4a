import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { caseSpec, TINY_MEASURING } from '#test/fixtures/measuring/small-job.ts'
import { perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import { type MeasureDeps, measureCases } from '#workers/measure/measure-cases.ts'
import { type MeasuringSide, startSideProcess } from '#workers/measure/side-process.ts'

const SIDE_PROGRAM = resolve(import.meta.dirname, '../../../workers/side/main.ts')

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailgate-measure-'))
  await writeFile(join(directory, 'model.onnx'), perceptronModel({ rows: 1, width: 64, layers: 2 }))
})

afterAll(() => rm(directory, { recursive: true }))

function createDeps(changes: Partial<MeasureDeps>): MeasureDeps {
  return {
    chooseCores: async () => null,
    joinCores: async () => async () => {},
    startSide: (_side, _cores, signal) =>
      startSideProcess({ program: process.execPath, args: [SIDE_PROGRAM], env: {} }, signal),
    inspectModel: async () => ({
      kind: 'found',
      file: join(directory, 'model.onnx'),
      facts: { sha256: '0'.repeat(64), bytes: 1, externalData: [] }
    }),
    look: () => ({ kind: 'continue' }),
    nowMs: () => performance.now(),
    timeLeftMs: () => 60_000,
    random: Math.random,
    reportProgress: () => {},
    signal: new AbortController().signal,
    deadline: new AbortController().signal,
    ...changes
  }
}

describe('measureCases', () => {
  test('when the time is over in the middle of a round, the whole rounds before it are kept', async () => {
    const deadline = new AbortController()
    const reported: number[] = []
    const reportProgress = ({ roundsDone }: BenchmarkProgress) => {
      reported.push(roundsDone)
      // A round takes at least 100 ms of measuring after both processes have started.
      if (roundsDone === 1) setTimeout(() => deadline.abort(), 50)
    }

    const job = { cases: [caseSpec('mlp')], measuring: { ...TINY_MEASURING, looks: [1000] } }
    const [outcome] = await measureCases(createDeps({ deadline: deadline.signal, reportProgress }), job)

    if (outcome?.status !== 'measured') throw new Error(`Not measured: ${JSON.stringify(outcome)}`)
    expect(reported).toEqual([0, 1])
    expect(outcome.stopReason).toBe('out_of_time')
    expect(new Set(outcome.blocks.map(({ launch }) => launch))).toEqual(new Set([0]))
    expect(outcome.blocks.reduce((sum, { wallNs }) => sum + wallNs, 0)).toBeGreaterThanOrEqual(100_000_000)
    expect(outcome.blocks.length % 4).toBe(0)
  })

  test('a process that dies in a later round costs its case, and the round is measured again without it', async () => {
    let starts = 0
    const launches: number[][] = []
    const deps = createDeps({
      startSide: async (_side, _cores, signal) => {
        const side = await startSideProcess({ program: process.execPath, args: [SIDE_PROGRAM], env: {} }, signal)
        starts += 1
        // Third start: the first process of the second round, gone before it is asked for anything.
        if (starts === 3) await side.stop()
        return side
      },
      look: (cases) => {
        launches.push(...cases.map(({ rounds }) => rounds.map(({ launch }) => launch)))
        return { kind: 'continue' }
      }
    })

    const job = { cases: [caseSpec('one'), caseSpec('two')], measuring: { ...TINY_MEASURING, looks: [3] } }
    const outcomes = await measureCases(deps, job)

    expect(outcomes.map(({ status }) => status).sort()).toEqual(['measured', 'not_measured'])
    expect(launches).toEqual([[0, 1, 2]])
    expect(starts).toBe(8)
  })

  test('only one side works at any time, from the first load to the last block, and the clock of a block stays within', async () => {
    const spans: { readonly startMs: number; readonly endMs: number; readonly wallMs: number }[] = []
    const watch = <Args extends unknown[], Reply>(ask: (...args: Args) => Promise<Reply>) => {
      return async (...args: Args): Promise<Reply> => {
        const startMs = performance.now()
        const reply = await ask(...args)
        const wallMs =
          typeof reply === 'object' && reply !== null && 'wallNs' in reply ? Number(reply.wallNs) / 1_000_000 : 0
        spans.push({ startMs, endMs: performance.now(), wallMs })
        return reply
      }
    }
    const deps = createDeps({
      startSide: async (_side, _cores, signal) => {
        const side = await startSideProcess({ program: process.execPath, args: [SIDE_PROGRAM], env: {} }, signal)
        return {
          load: watch((...args: Parameters<MeasuringSide['load']>) => side.load(...args)),
          tryOnce: watch((...args: Parameters<MeasuringSide['tryOnce']>) => side.tryOnce(...args)),
          run: watch((...args: Parameters<MeasuringSide['run']>) => side.run(...args)),
          stop: () => side.stop()
        }
      }
    })

    const job = { cases: [caseSpec('one'), caseSpec('two')], measuring: { ...TINY_MEASURING, looks: [1] } }
    const outcomes = await measureCases(deps, job)

    expect(outcomes.map(({ status }) => status)).toEqual(['measured', 'measured'])
    const inOrder = spans.toSorted((left, right) => left.startMs - right.startMs)
    const overlapping = inOrder.filter(({ startMs }, index) => startMs < (inOrder[index - 1]?.endMs ?? 0))
    expect(overlapping).toEqual([])
    expect(spans.filter(({ startMs, endMs, wallMs }) => wallMs > endMs - startMs)).toEqual([])
    expect(spans.filter(({ wallMs }) => wallMs > 0).length).toBeGreaterThanOrEqual(16)
  })
})
