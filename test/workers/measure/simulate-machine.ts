import type { Side } from '#contracts/identifiers.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { seededNormal, seededRandom } from '#test/stats/build-measurements.ts'
import { type BlockRun, measureCase } from '#workers/measure/measure-case.ts'
import type { MeasureDeps } from '#workers/measure/measure-cases.ts'
import type { MeasuringSide } from '#workers/measure/side-process.ts'
import type { MeasuringLaunch } from '#workers/measure/start-launch.ts'

const START_MS = 100
const LOAD_MS = 50

export interface SimulatedModel {
  readonly latencyNs?: number
  /** Candidate latency = this × baseline latency, on average. */
  readonly slowdown?: number
  /** Relative scatter of the candidate's launches. */
  readonly launchScatter?: number
  /** How much slower the candidate's first request after a start is, and after how many requests that has faded by e. */
  readonly cold?: { readonly excess: number; readonly requests: number }
  /** The launch, of all that are made, in which the candidate cannot load it. */
  readonly failsInLaunch?: number
}

/**
 * A machine that exists only in numbers, with a clock that moves only when it works: the same measurements each time, and
 * hours of them in a moment.
 *
 * @param models by case index
 */
export function simulateMachine(models: readonly SimulatedModel[], seed = 1) {
  const normal = seededNormal(seed)
  let clockMs = 0
  let starts = 0
  /** Case indexes that the baseline loaded, by launch. */
  const launches: number[][] = []

  function startSide(side: Side) {
    clockMs += START_MS
    const launch = Math.floor(starts / 2)
    starts += 1
    if (launches.length === launch) launches.push([])
    const served = new Map<number, number>()
    const shifts = models.map(({ launchScatter = 0 }) => Math.exp(launchScatter * normal()))

    function infer(caseIndex: number): number {
      const { latencyNs = 2_000_000, slowdown = 1, cold = { excess: 0, requests: 1 } } = models[caseIndex] ?? {}
      const done = served.get(caseIndex) ?? 0
      served.set(caseIndex, done + 1)
      const warming = 1 + cold.excess * Math.exp(-done / cold.requests)
      const factor = side === 'candidate' ? slowdown * (shifts[caseIndex] ?? 1) * warming : 1
      return Math.round(latencyNs * factor * Math.exp(0.02 * normal()))
    }

    function run({ caseIndex, requests }: BlockRun) {
      const startMs = clockMs
      const latenciesNs = Array.from({ length: requests }, () => infer(caseIndex))
      const wallNs = latenciesNs.reduce((sum, latencyNs) => sum + latencyNs, 0)
      clockMs += wallNs / NS_PER_MS
      return { startMs, wallNs, latenciesNs, errors: 0 }
    }

    const measuring: MeasuringSide = {
      load: async ({ caseIndex }) => {
        clockMs += LOAD_MS
        if (side === 'baseline') launches[launch]?.push(caseIndex)
        const fails = side === 'candidate' && models[caseIndex]?.failsInLaunch === launch
        if (fails) return { kind: 'failed', code: 'inference_failed', message: 'simulated', hint: '' }
        return { kind: 'loaded', inputs: [] }
      },
      tryOnce: async (caseIndex) => ({ kind: 'tried', latencyNs: infer(caseIndex) })
    }
    return { measuring, run }
  }

  function startLaunch(): MeasuringLaunch {
    const runs = new Map<Side, ReturnType<typeof startSide>['run']>()
    return {
      startSide: async (side, signal) => {
        signal.throwIfAborted()
        const { measuring, run } = startSide(side)
        runs.set(side, run)
        return measuring
      },
      measureCase: async (toMeasure, { random }) => {
        const run = (side: Side, block: BlockRun) => {
          const ofSide = runs.get(side)
          if (ofSide === undefined) throw new Error(`The ${side} was not started.`)
          return ofSide(block)
        }
        const read = (_side: Side, { wallNs, latenciesNs, errors }: ReturnType<typeof run>) => {
          return { wallNs, latenciesNs, errors }
        }
        return measureCase({ run, read, random }, toMeasure)
      },
      stop: async () => {}
    }
  }

  const deps: MeasureDeps = {
    chooseCores: async () => null,
    startLaunch,
    startCold: () => Promise.reject(new Error('Nothing is started cold here.')),
    checkSessions: async () => new Map(),
    checkCases: async () => new Map(),
    profileCases: async () => new Map(),
    prepareSide: async () => ({
      kind: 'found',
      modelFile: '/model.onnx',
      facts: { sha256: '0'.repeat(64), bytes: 1, externalData: [] },
      recorded: [],
      engineDirectory: null
    }),
    look: () => ({ kind: 'continue' }),
    nowMs: () => clockMs,
    timeLeftMs: () => Number.POSITIVE_INFINITY,
    random: seededRandom(seed),
    reportProgress: () => {},
    signal: new AbortController().signal,
    deadline: new AbortController().signal
  }
  return { deps, launches }
}
