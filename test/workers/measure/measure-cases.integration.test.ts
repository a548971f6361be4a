import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { caseSpec, TINY_MEASURING } from '#test/fixtures/measuring/small-job.ts'
import { perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import type { MeasuredCase } from '#workers/measure/measure-case.ts'
import { type MeasureDeps, measureCases } from '#workers/measure/measure-cases.ts'
import { MeasuringAbortedError, SideFailedError } from '#workers/measure/measuring-errors.ts'
import type { MeasuringSide } from '#workers/measure/side-process.ts'
import { type MeasuringLaunch, startLaunch } from '#workers/measure/start-launch.ts'

const SIDE_PROGRAM = resolve(import.meta.dirname, '../../../workers/side/main.ts')

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailgate-measure-'))
  await writeFile(join(directory, 'model.onnx'), perceptronModel({ rows: 1, width: 64, layers: 2 }))
})

afterAll(() => rm(directory, { recursive: true }))

function startRealLaunch() {
  const command = { program: process.execPath, args: [SIDE_PROGRAM], env: {} }
  return startLaunch({ cores: null, commandOf: () => command, directory })
}

function createDeps(changes: Partial<MeasureDeps>): MeasureDeps {
  return {
    chooseCores: async () => null,
    startLaunch: startRealLaunch,
    startCold: () => Promise.reject(new Error('Nothing is started cold here.')),
    checkSessions: async () => new Map(),
    checkCases: async () => new Map(),
    profileCases: async () => new Map(),
    prepareSide: async () => ({
      kind: 'found',
      modelFile: join(directory, 'model.onnx'),
      facts: { sha256: '0'.repeat(64), bytes: 1, externalData: [] },
      recorded: [],
      engineDirectory: null
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
      startLaunch: () => {
        const real = startRealLaunch()
        return {
          measureCase: (...measure) => real.measureCase(...measure),
          stop: () => real.stop(),
          startSide: async (...start) => {
            const side = await real.startSide(...start)
            starts += 1
            // Third start: the first process of the second round, gone before it is asked for anything.
            if (starts === 3) await side.stop()
            return side
          }
        }
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
    const spans: { readonly startMs: number; readonly endMs: number }[] = []
    const measured: MeasuredCase[] = []
    const watch = <Args extends unknown[], Reply>(ask: (...args: Args) => Promise<Reply>) => {
      return async (...args: Args): Promise<Reply> => {
        const startMs = performance.now()
        const reply = await ask(...args)
        spans.push({ startMs, endMs: performance.now() })
        return reply
      }
    }
    const deps = createDeps({
      startLaunch: () => {
        const real = startRealLaunch()
        return {
          stop: () => real.stop(),
          measureCase: watch(async (...args: Parameters<MeasuringLaunch['measureCase']>) => {
            const ofCase = await real.measureCase(...args)
            measured.push(ofCase)
            return ofCase
          }),
          startSide: async (...start) => {
            const side = await real.startSide(...start)
            return {
              load: watch((...args: Parameters<MeasuringSide['load']>) => side.load(...args)),
              tryOnce: watch((...args: Parameters<MeasuringSide['tryOnce']>) => side.tryOnce(...args))
            }
          }
        }
      }
    })

    const job = { cases: [caseSpec('one'), caseSpec('two')], measuring: { ...TINY_MEASURING, looks: [1] } }
    const outcomes = await measureCases(deps, job)

    expect(outcomes.map(({ status }) => status)).toEqual(['measured', 'measured'])
    expect(spans).toHaveLength(10)
    expect(listOverlapping(spans)).toEqual([])
    const blocks = measured.map((ofCase) => {
      return ofCase.blocks.map(({ wallNs }, index) => {
        const startMs = ofCase.startsMs[index] ?? Number.NaN
        return { startMs, endMs: startMs + wallNs / NS_PER_MS }
      })
    })
    expect(blocks.map(({ length }) => length >= 8)).toEqual([true, true])
    expect(blocks.flatMap(listOverlapping)).toEqual([])
  })

  test('a side that dies while a case is measured is the one that is reported', async () => {
    const controller = new AbortController()
    const real = startRealLaunch()
    try {
      await real.startSide('baseline', controller.signal)
      await real.startSide('candidate', controller.signal)
      const measuring = real.measureCase(
        {
          caseIndex: 0,
          scenario: { kind: 'single_stream' },
          firstLatencyNs: { baseline: 1, candidate: 1 },
          launch: 0,
          measuring: TINY_MEASURING
        },
        { random: Math.random, signal: controller.signal }
      )
      // Neither has loaded the case: the first that is asked ends with an error.
      const error: unknown = await measuring.catch((reason: unknown) => reason)

      if (!(error instanceof SideFailedError)) throw new Error(`Not lost: ${error}`)
      expect(error.loss.message).toMatch(/^ended with exit code 70; it said last: Error: Case 0 was never loaded/)
      expect(error.message).toMatch(new RegExp(`^The ${error.side} process ended`))
    } finally {
      await real.stop()
    }
  })

  test('a case that is being measured can be stopped at once', async () => {
    const controller = new AbortController()
    const { signal } = controller
    const job = { cases: [caseSpec('one')], measuring: { ...TINY_MEASURING, roundMs: 600_000, looks: [1] } }
    const deps = createDeps({
      signal,
      startLaunch: () => {
        const real = startRealLaunch()
        return {
          startSide: (...start) => real.startSide(...start),
          stop: () => real.stop(),
          measureCase: (...measure) => {
            setTimeout(() => controller.abort(), 100)
            return real.measureCase(...measure)
          }
        }
      }
    })

    await expect(measureCases(deps, job)).rejects.toThrow(MeasuringAbortedError)
  })
})

function listOverlapping(spans: readonly { readonly startMs: number; readonly endMs: number }[]) {
  const inOrder = spans.toSorted((left, right) => left.startMs - right.startMs)
  return inOrder.filter(({ startMs }, index) => startMs < (inOrder[index - 1]?.endMs ?? 0))
}
