import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import type { SideResources } from '#contracts/environment.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import type { Cores } from '#workers/device/choose-cores.ts'
import type { EnvironmentSpan } from '#workers/device/watch-environment.ts'
import { readyNs } from '#workers/scenarios/cold-start.ts'
import { loadRequestOf, type PreparedCase } from './load-request.ts'
import type { RoundDeps, RoundOutcome, RoundPlan } from './measure-round.ts'
import { SideFailedError, withSide } from './measuring-errors.ts'
import { drawQuadOrder, drawSideOrder } from './measuring-rules.ts'
import { countThreads, describeLoss, LOAD_TIMEOUT_MS, sideFailure } from './run-launch.ts'
import type { ColdAnswer } from './start-cold.ts'
import { type ReadRound, watchedDevice } from './watch-case.ts'

/** Of a round: four starts of each side. A start takes a good part of a second, and nothing of it can be repeated. */
const QUADS = 2

/**
 * One case of `cold_start` for one round: first a start of each side that is not kept, so that the files of both are in the
 * page cache, then quads of starts. Only one process lives at any time.
 */
export async function measureColdStarts(
  deps: RoundDeps,
  { launch, measuring }: RoundPlan,
  prepared: PreparedCase
): Promise<RoundOutcome> {
  const { caseIndex } = prepared
  const startMs = deps.nowMs()
  const cores = await deps.chooseCores(countThreads([prepared]))
  const timeoutMs = Math.max(LOAD_TIMEOUT_MS, measuring.requestTimeoutMs)
  const blocks: Block[] = []
  const answers: SideAnswer[] = []
  const readings = new Map<number, ReadRound>()
  const span = deps.machine && (await deps.machine.watch(watchedDevice(prepared.devices)))
  const conclude = (failure: BenchmarkFailure | null, isLost: boolean): RoundOutcome => ({
    blocks: isLost ? null : new Map(failure === null ? [[caseIndex, blocks]] : []),
    failures: failure === null ? [] : [{ caseIndex, failure }],
    warnings: new Map(),
    spentMs: new Map([[caseIndex, deps.nowMs() - startMs]]),
    readings
  })
  try {
    const start = (side: Side) => startSide(deps, prepared, { side, cores, timeoutMs })
    for (const side of drawSideOrder(deps.random)) {
      const first = await start(side)
      if (first.kind === 'failed') return conclude(sideFailure(side, first), false)
    }
    for (let quad = 0; quad < QUADS; quad += 1) {
      for (const side of drawQuadOrder(deps.random)) {
        const answer = await start(side)
        answers.push({ side, answer })
        blocks.push(asBlock(answer, { side, launch, quad }))
      }
    }
    if (span !== undefined) readings.set(caseIndex, await endSpan(span, launch, answers))
    return conclude(null, false)
  } catch (error) {
    if (!(error instanceof SideFailedError)) throw error
    return conclude(describeLoss(error, prepared), true)
  }
}

interface SideAnswer {
  readonly side: Side
  readonly answer: ColdAnswer
}

/** Between two starts nobody is on a GPU, so that whoever is on it now is a stranger. */
async function endSpan(span: EnvironmentSpan, launch: number, answers: readonly SideAnswer[]): Promise<ReadRound> {
  await span.end({ pids: { baseline: [], candidate: [] } })
  const peakOf = (side: Side) => summarisePeak(answers.filter((answer) => answer.side === side))
  const resources = { baseline: peakOf('baseline'), candidate: peakOf('candidate') }
  return () => ({ launch, reading: span.read(), resources })
}

/** A process that lives for one inference has no steady memory. */
function summarisePeak(answers: readonly SideAnswer[]): SideResources {
  const peaks = answers.flatMap(({ answer }) =>
    answer.kind === 'started' && answer.memory !== null ? [answer.memory.peakRssBytes] : []
  )
  return {
    peakRssBytes: peaks.length === 0 ? null : Math.max(...peaks),
    steadyRssBytes: null,
    cpuTimePerInferenceNs: null,
    gpuMemoryBytes: null
  }
}

function startSide(
  deps: RoundDeps,
  prepared: PreparedCase,
  { side, cores, timeoutMs }: { readonly side: Side; readonly cores: Cores; readonly timeoutMs: number }
): Promise<ColdAnswer> {
  const load = loadRequestOf(prepared, side)
  const device = prepared.devices?.[side] ?? null
  return withSide(side, deps.startCold({ side, cores, device, load, timeoutMs, signal: deps.signal }))
}

/** A start that fails after others went well is a failed request. */
function asBlock(answer: ColdAnswer, place: Pick<Block, 'side' | 'launch' | 'quad'>): Block {
  if (answer.kind === 'failed') return { ...place, wallNs: 1, latenciesNs: [], errors: 1 }
  const { phases, wallNs } = answer
  const { processNs, requireNs, createNs, firstNs } = phases
  return {
    ...place,
    wallNs: Math.max(1, Math.round(wallNs)),
    latenciesNs: [readyNs(phases)],
    errors: 0,
    series: { processNs: [processNs], requireNs: [requireNs], createNs: [createNs], firstNs: [firstNs] }
  }
}
