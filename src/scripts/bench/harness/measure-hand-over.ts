import { fileURLToPath } from 'node:url'
import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { Block } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { quantileOfSorted } from '#stats/quantile.ts'
import { createCoreChooser, pinCommand } from '#workers/device/choose-cores.ts'
import { measureRound, type RoundDeps } from '#workers/measure/measure-round.ts'
import { startSideProcess } from '#workers/measure/side-process.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'
import type { BenchPlace } from './bench-models.ts'

const SIDE_PROGRAM = fileURLToPath(new URL('../../../../workers/side/main.ts', import.meta.url))

const MEASURING: Omit<MeasuringPlan, 'roundMs'> = {
  warmUpRequests: 50,
  warmUpMs: 200,
  warmUpCapMs: 1000,
  looks: [2],
  design: { kind: 'planned_looks' },
  requestTimeoutMs: 10_000,
  jobTimeoutMs: 600_000
}

/** Time of a block in which no request was under way: asking over the socket, answering, checking the answer. */
export interface HandOver {
  readonly blocks: number
  readonly p50Ms: number
  readonly p99Ms: number
  /** Median over the blocks, as a share of the block's time. */
  readonly shareOfBlock: number
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
    return { caseIndex, spec, modelFiles: { baseline: modelFile, candidate: modelFile } }
  })
  const { signal } = new AbortController()
  const deps: RoundDeps = {
    startSide: (_side, cores) => startSideProcess(pinCommand(command, cores), signal),
    chooseCores: createCoreChooser(),
    random,
    signal
  }
  const outcome = await measureRound(deps, { launch: 0, cases, measuring: { ...MEASURING, roundMs } })
  const [failed] = outcome.failures
  if (failed !== undefined) throw new Error(failed.failure.message)
  return cases.map(({ caseIndex }) => summariseHandOver(outcome.blocks?.get(caseIndex) ?? []))
}

/** What a block's time was spent on besides its requests. */
export function summariseHandOver(blocks: readonly Pick<Block, 'wallNs' | 'latenciesNs'>[]): HandOver {
  const idles = blocks.map(({ wallNs, latenciesNs }) => {
    const idleNs = wallNs - latenciesNs.reduce((sum, latencyNs) => sum + latencyNs, 0)
    return { idleMs: idleNs / NS_PER_MS, share: idleNs / wallNs }
  })
  const idleMs = idles.map((idle) => idle.idleMs).sort((left, right) => left - right)
  const shares = idles.map((idle) => idle.share).sort((left, right) => left - right)
  return {
    blocks: blocks.length,
    p50Ms: quantileOfSorted(idleMs, 0.5),
    p99Ms: quantileOfSorted(idleMs, 0.99),
    shareOfBlock: quantileOfSorted(shares, 0.5)
  }
}
