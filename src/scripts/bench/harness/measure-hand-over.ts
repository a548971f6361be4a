import { fileURLToPath } from 'node:url'
import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { quantileOfSorted } from '#stats/quantile.ts'
import { createCoreChooser, pinCommand } from '#workers/device/choose-cores.ts'
import { measureRound, type RoundDeps } from '#workers/measure/measure-round.ts'
import { type MeasuringLaunch, startLaunch } from '#workers/measure/start-launch.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'
import type { BenchPlace } from './bench-models.ts'

const SIDE_PROGRAM = fileURLToPath(new URL('../../../../workers/side/main.ts', import.meta.url))

const OWN_ENGINE = {
  engineDirectories: { baseline: null, candidate: null },
  recorded: { baseline: [], candidate: [] }
} as const

const MEASURING: Omit<MeasuringPlan, 'roundMs'> = {
  warmUpRequests: 50,
  warmUpMs: 200,
  warmUpCapMs: 1000,
  looks: [2],
  design: { kind: 'planned_looks' },
  requestTimeoutMs: 10_000,
  jobTimeoutMs: 600_000
}

/**
 * Time from the start of a block to the start of the next in which no request was under way: answering, checking the
 * answer, deciding who is next and asking.
 */
export interface HandOver {
  readonly handOvers: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Median over the blocks, as a share of the time until the next. */
  readonly share: number
}

/** One block by the supervisor's clock. */
export interface Turn {
  readonly startMs: number
  /** Of its requests together. */
  readonly busyMs: number
}

export interface HandOverPlan {
  readonly place: BenchPlace
  /** Measuring time of each model. */
  readonly roundMs: number
  readonly random: () => number
}

/** Measures one round of every model with the worker's own code, both sides the same, and takes its blocks apart. */
export async function measureHandOver(plan: HandOverPlan): Promise<readonly HandOver[]> {
  const { place, roundMs, random } = plan
  const { models, folder, bubblewrap } = place
  const command = sideCommand({
    nodePath: process.execPath,
    sideProgram: SIDE_PROGRAM,
    checkoutDirectory: folder,
    bubblewrap
  })
  const cases = models.map(({ spec, modelFile }, caseIndex) => {
    return { caseIndex, spec, modelFiles: { baseline: modelFile, candidate: modelFile }, ...OWN_ENGINE }
  })
  const { signal } = new AbortController()
  const turns = new Map<number, readonly Turn[]>()
  const deps: RoundDeps = {
    startLaunch: (cores) => {
      return recordTurns(startLaunch({ cores, commandOf: () => pinCommand(command, cores), directory: folder }), turns)
    },
    startCold: () => Promise.reject(new Error('Nothing is started cold here.')),
    chooseCores: createCoreChooser(),
    random,
    nowMs: () => performance.now(),
    signal
  }
  const outcome = await measureRound(deps, { launch: 0, cases, measuring: { ...MEASURING, roundMs } })
  const [failed] = outcome.failures
  if (failed !== undefined) throw new Error(failed.failure.message)
  return cases.map(({ caseIndex }) => summariseHandOver(turns.get(caseIndex) ?? []))
}

/** The launch, with the turns of each case written down. */
function recordTurns(launch: MeasuringLaunch, turns: Map<number, readonly Turn[]>): MeasuringLaunch {
  return {
    startSide: (...side) => launch.startSide(...side),
    stop: () => launch.stop(),
    measureCase: async (toMeasure, limits) => {
      const measured = await launch.measureCase(toMeasure, limits)
      const ofCase = measured.blocks.map(({ latenciesNs }, index): Turn => {
        const busyNs = latenciesNs.reduce((sum, latencyNs) => sum + latencyNs, 0)
        return { startMs: measured.startsMs[index] ?? Number.NaN, busyMs: busyNs / NS_PER_MS }
      })
      turns.set(toMeasure.caseIndex, ofCase)
      return measured
    }
  }
}

/** @param turns the blocks of one case, in the order they were run */
export function summariseHandOver(turns: readonly Turn[]): HandOver {
  const gaps = turns.slice(1).map(({ startMs }, index) => {
    const before = turns[index] ?? { startMs: Number.NaN, busyMs: Number.NaN }
    const periodMs = startMs - before.startMs
    return { idleMs: periodMs - before.busyMs, share: 1 - before.busyMs / periodMs }
  })
  const idleMs = gaps.map((gap) => gap.idleMs).sort((left, right) => left - right)
  const shares = gaps.map((gap) => gap.share).sort((left, right) => left - right)
  return {
    handOvers: gaps.length,
    p50Ms: quantileOfSorted(idleMs, 0.5),
    p99Ms: quantileOfSorted(idleMs, 0.99),
    share: quantileOfSorted(shares, 0.5)
  }
}
