import { describe, expect, test } from 'vitest'
import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { BenchmarkProgress, CaseResult } from '#contracts/benchmark-result.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { caseSpec, TINY_MEASURING } from '#test/fixtures/measuring/small-job.ts'
import { PLANNED_LOOKS } from '#test/stats/build-measurements.ts'
import { createLook, type LookContext, type NextStep } from '#workers/measure/create-look.ts'
import { type MeasureDeps, measureCases } from '#workers/measure/measure-cases.ts'
import { SideStartError } from '#workers/measure/measuring-errors.ts'
import { type SimulatedModel, simulateMachine } from './simulate-machine.ts'

const MEASURING: MeasuringPlan = {
  ...TINY_MEASURING,
  roundMs: 1000,
  warmUpRequests: 200,
  warmUpMs: 0,
  warmUpCapMs: 10_000,
  looks: [...PLANNED_LOOKS]
}

/** Cold for longer than the warm-up, and warm after four times as much. */
const COLD = { cold: { excess: 1, requests: 100 } }
/** With the short warm-up: warm after neither. */
const COLDER = { cold: { excess: 2.1, requests: 100 } }
const SHORT_WARM_UP: MeasuringPlan = { ...MEASURING, warmUpRequests: 67 }

async function measure(
  models: readonly SimulatedModel[],
  { measuring = MEASURING, ...changes }: Partial<MeasureDeps> & { readonly measuring?: MeasuringPlan } = {}
) {
  const machine = simulateMachine(models)
  const progress: BenchmarkProgress[] = []
  const deps = { ...machine.deps, look: createLook(measuring), reportProgress: noteIn(progress), ...changes }
  const cases = models.map((_, index) => caseSpec(`model-${index}`))
  const outcomes = await measureCases(deps, { cases, measuring })
  return { outcomes, progress, launches: machine.launches, messages: progress.map(({ message }) => message) }
}

function noteIn(progress: BenchmarkProgress[]): (step: BenchmarkProgress) => void {
  return (step) => void progress.push(step)
}

function measuredCase(outcome: CaseResult | undefined) {
  if (outcome?.status !== 'measured') throw new Error(`Not measured: ${JSON.stringify(outcome)}`)
  return outcome
}

function launchesOf(outcome: CaseResult | undefined): number[] {
  return [...new Set(measuredCase(outcome).blocks.map(({ launch }) => launch))]
}

function isRestart(message: string): boolean {
  return message === 'the sides were not warm; starting over with a longer warm-up'
}

describe('settled cases', () => {
  const settleFirst = (steps: { readonly context: LookContext; readonly rounds: number[] }[]): MeasureDeps['look'] => {
    return (cases, context): NextStep => {
      steps.push({ context, rounds: cases.map(({ rounds }) => rounds.length) })
      if (context.roundsDone === 8) return { kind: 'stop', reason: 'regression' }
      return { kind: 'continue', settled: [{ id: 'model-0/default/single_stream', reason: 'forecast' }] }
    }
  }

  test('are measured no more, stand in every later look with the rounds they have, and end for their own reason', async () => {
    const steps: { readonly context: LookContext; readonly rounds: number[] }[] = []

    const { outcomes, launches } = await measure([{}, {}], { look: settleFirst(steps) })

    expect(launches.map((cases) => cases.toSorted())).toEqual([...Array(6).fill([0, 1]), [1], [1]])
    expect(steps.map(({ rounds }) => rounds)).toEqual([
      [6, 6],
      [6, 7],
      [6, 8]
    ])
    expect(steps.map(({ context }) => context.settled.map(({ reason }) => reason))).toEqual([
      [],
      ['forecast'],
      ['forecast']
    ])
    expect(outcomes.map((outcome) => measuredCase(outcome).stopReason)).toEqual(['forecast', 'regression'])
    expect(outcomes.map((outcome) => launchesOf(outcome).length)).toEqual([6, 8])
  })

  test('the progress tells how many are left, and forecasts by what those take', async () => {
    const { progress } = await measure([{ latencyNs: 80_000_000 }, {}], { look: settleFirst([]) })

    const [before, after, end] = progress.filter(({ roundsDone }) => roundsDone >= 5).map(({ message }) => message)
    expect(before).not.toContain('open')
    expect(after).toMatch(/^round 6 of at most 24, 1 of 2 cases still open, .*, at most \d+ s more$/)
    const forecastMs = 1000 * Number(/at most (\d+) s more/.exec(after ?? '')?.[1])
    const [sixth, seventh] = progress.filter(({ roundsDone }) => roundsDone === 6 || roundsDone === 7)
    const lastRoundMs = (seventh?.elapsedMs ?? 0) - (sixth?.elapsedMs ?? 0)
    expect(Math.abs(forecastMs - 18 * lastRoundMs)).toBeLessThan(0.02 * forecastMs)
    expect(end).toContain('round 7')
    expect(progress.at(-1)?.message).toMatch(/^round 8 of at most 24, 1 of 2 cases still open, .* cases\)$/)
  })

  test('measuring ends when the last open case fails, and the settled ones keep what they have', async () => {
    const { outcomes } = await measure([{}, { failsInLaunch: 6 }], { look: settleFirst([]) })

    expect(measuredCase(outcomes[0]).stopReason).toBe('forecast')
    expect(outcomes[1]).toMatchObject({ status: 'not_measured', failure: { code: 'inference_failed' } })
  })

  test('a case that is clear at once does not wait for one whose launches scatter', async () => {
    const { outcomes } = await measure([{}, { launchScatter: 0.04 }])

    const [clear, open] = outcomes.map(measuredCase)
    expect(clear?.stopReason).toBe('pass')
    expect(launchesOf(clear).length).toBeLessThan(launchesOf(open).length)
    const { cases } = judgeRun({ cases: outcomes.map(measuredCase).map(({ caseId: id, blocks }) => ({ id, blocks })) })
    expect(cases[0]?.verdict).toBe('unchanged')
  })
})

describe('sides that are not warm', () => {
  test('start over once with a longer warm-up, and what is measured then is judged', async () => {
    const { outcomes, launches, progress, messages } = await measure([COLD, {}])

    const outcome = measuredCase(outcomes[0])
    const restart = messages.findIndex(isRestart)
    expect(messages.filter(isRestart)).toHaveLength(1)
    expect(progress[restart]?.roundsDone).toBe(0)
    expect(progress[restart + 1]?.roundsDone).toBe(1)
    expect(launches.length).toBe(restart + Math.max(...outcomes.map((item) => launchesOf(item).length)))
    expect(launchesOf(outcome)[0]).toBe(0)
    expect(outcome.warnings).toEqual([expect.stringContaining('started over with four times the warm-up')])
    expect(measuredCase(outcomes[1]).warnings).toEqual(outcome.warnings)
    const { cases } = judgeRun({ cases: [{ id: 'x', blocks: outcome.blocks }] })
    expect(cases[0]).toMatchObject({ verdict: 'unchanged' })
  })

  test('are not steady when the longer warm-up was not enough either', async () => {
    const { outcomes, messages } = await measure([COLDER], { measuring: SHORT_WARM_UP })

    const outcome = measuredCase(outcomes[0])
    expect(messages.filter(isRestart)).toHaveLength(1)
    const { cases } = judgeRun({ cases: [{ id: 'x', blocks: outcome.blocks }] })
    expect(cases[0]).toMatchObject({ verdict: 'inconclusive', reason: { kind: 'not_steady' } })
  })

  test('go on as they are when the time left is not enough for six rounds with the longer warm-up', async () => {
    // A round takes 2.2 s, 1.2 s of which are not measuring: 35 s for six with four times of that.
    const short = await measure([COLD], { timeLeftMs: () => 32_000 })
    const enough = await measure([COLD], { timeLeftMs: () => 40_000 })

    expect(short.messages.filter(isRestart)).toHaveLength(0)
    expect(measuredCase(short.outcomes[0]).warnings).toEqual([])
    expect(enough.messages.filter(isRestart)).toHaveLength(1)
  })

  test('keep the rounds from before where the time is over before six new ones, and those after', async () => {
    const inAll = async (launches: number) => {
      const deadline = new AbortController()
      const { deps } = simulateMachine([COLD])
      let starts = 0
      const { outcomes } = await measure([COLD], {
        deadline: deadline.signal,
        startLaunch: (...launched) => {
          const launch = deps.startLaunch(...launched)
          return {
            ...launch,
            startSide: async (...side) => {
              starts += 1
              if (starts > 2 * launches) deadline.abort()
              deadline.signal.throwIfAborted()
              return launch.startSide(...side)
            }
          }
        }
      })
      return measuredCase(outcomes[0])
    }

    const before = await inAll(8)
    const after = await inAll(13)

    expect(before).toMatchObject({ stopReason: 'out_of_time', warnings: [] })
    expect(before.blocks.at(-1)).toMatchObject({ launch: 5 })
    expect(after.warnings).toEqual([expect.stringContaining('started over')])
  })

  test('go on as they are when no warm-up was asked for', async () => {
    const { messages } = await measure([COLD], { measuring: { ...MEASURING, warmUpRequests: 0, warmUpMs: 0 } })

    expect(messages.filter(isRestart)).toHaveLength(0)
  })

  test.each([
    { newRounds: 5, kept: 'the old ones' },
    { newRounds: 6, kept: 'the new ones' }
  ])('when the time is over $newRounds rounds after starting over, $kept are reported', async ({ newRounds, kept }) => {
    const deadline = new AbortController()
    const progress: BenchmarkProgress[] = []
    const reportProgress = (step: BenchmarkProgress) => {
      progress.push(step)
      const startedOver = progress.some(({ message }) => isRestart(message))
      if (startedOver && step.roundsDone === newRounds) deadline.abort()
    }

    const { outcomes } = await measure([COLDER], {
      measuring: SHORT_WARM_UP,
      deadline: deadline.signal,
      reportProgress
    })

    const outcome = measuredCase(outcomes[0])
    expect(outcome.stopReason).toBe('out_of_time')
    expect(launchesOf(outcome)).toHaveLength(6)
    expect(outcome.warnings).toHaveLength(kept === 'the new ones' ? 1 : 0)
  })
})

test('every launch is stopped, also one that cannot begin', async () => {
  let started = 0
  let stopped = 0
  let starts = 0
  const { deps } = simulateMachine([{}])
  const failing = measure([{}], {
    startLaunch: (...launched) => {
      started += 1
      const launch = deps.startLaunch(...launched)
      return {
        ...launch,
        startSide: async (...side) => {
          starts += 1
          if (starts === 4) throw new SideStartError('simulated')
          return launch.startSide(...side)
        },
        stop: async () => {
          stopped += 1
        }
      }
    }
  })

  await expect(failing).rejects.toThrow(SideStartError)
  expect([started, stopped]).toEqual([2, 2])
})
