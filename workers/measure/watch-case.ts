import type { RoundEnvironment } from '#contracts/environment.ts'
import type { Side } from '#contracts/identifiers.ts'
import { inferencesOf } from '#contracts/inferences-of.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import {
  compareResources,
  createResourceReader,
  type ResourceReader,
  type ResourceReading
} from '#workers/device/create-resource-reader.ts'
import type { SideDevice } from '#workers/device/side-device.ts'
import type { TimedBlock } from '#workers/device/summarise-gpu-samples.ts'
import { sideGpuMemory } from '#workers/device/watch-environment.ts'
import type { PreparedCase } from './load-request.ts'
import type { MachineWatch } from './machine-watch.ts'
import type { MeasuredCase } from './measure-case.ts'
import type { MeasuringSide } from './side-process.ts'

/** A sample of a GPU cannot be told to be of a block that is shorter. */
const WATCHED_BLOCK_MS = 100

/** To be called after the round, once the watch has settled. */
export type ReadRound = () => RoundEnvironment

export type SideReaders = Readonly<Record<Side, ResourceReader | null>>

/** Readers of both sides of a launch, to be made when they have started. */
export async function readSides(sides: Readonly<Record<Side, MeasuringSide>>): Promise<SideReaders> {
  const create = ({ pid }: MeasuringSide) => (pid === undefined ? null : createResourceReader(pid))
  return { baseline: await create(sides.baseline), candidate: await create(sides.candidate) }
}

interface Watched {
  readonly measured: MeasuredCase
  /** Null where nobody watches. */
  readonly read: ReadRound | null
}

/**
 * Reads the machine and both sides right before a case is measured and right after it: nothing is done in between.
 *
 * @returns a function that is given the measuring
 */
export function watchCase(
  machine: MachineWatch | undefined,
  { spec, devices }: PreparedCase,
  launch: number,
  readers: SideReaders
): (measure: () => Promise<MeasuredCase>) => Promise<Watched> {
  return async (measure) => {
    if (machine === undefined) return { measured: await measure(), read: null }
    const before = await readBoth(readers)
    const span = await machine.watch(watchedDevice(devices))
    const measured = await measure()
    const after = await readBoth(readers)
    const pids = { baseline: after.baseline?.pids ?? [], candidate: after.candidate?.pids ?? [] }
    await span.end({ blocks: listLongBlocks(measured), pids })
    const answers = countAnswers(measured)
    const perRequest = inferencesOf(spec.scenario)
    const read = () => {
      const reading = span.read()
      const compare = (side: Side) =>
        compareResources(before[side], after[side], answers[side] * perRequest, sideGpuMemory(reading, side))
      return { launch, reading, resources: { baseline: compare('baseline'), candidate: compare('candidate') } }
    }
    return { measured, read }
  }
}

/** The one that both sides are on; null for the processor, and where each side has its own. */
export function watchedDevice(devices: PreparedCase['devices']): SideDevice | null {
  const { baseline = null, candidate = null } = devices ?? {}
  return baseline?.id === candidate?.id ? candidate : null
}

async function readBoth({ baseline, candidate }: SideReaders): Promise<Readonly<Record<Side, ResourceReading | null>>> {
  return { baseline: (await baseline?.read()) ?? null, candidate: (await candidate?.read()) ?? null }
}

function listLongBlocks({ blocks, startsMs }: MeasuredCase): readonly TimedBlock[] {
  return blocks.flatMap(({ side, wallNs }, index): TimedBlock[] => {
    const startMs = startsMs[index]
    const wallMs = wallNs / NS_PER_MS
    return startMs === undefined || wallMs < WATCHED_BLOCK_MS ? [] : [{ side, startMs, endMs: startMs + wallMs }]
  })
}

function countAnswers({ blocks, warmUpAnswers }: MeasuredCase): Readonly<Record<Side, number>> {
  const answers: Record<Side, number> = { ...warmUpAnswers }
  for (const { side, latenciesNs } of blocks) answers[side] += latenciesNs.length
  return answers
}
