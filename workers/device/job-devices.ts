import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import { judgeOccupants } from '#src/environment/judge-occupants.ts'
import type { Holder, ReleaseLock } from '#workers/measuring-lock.ts'
import { describeOccupied } from './describe-occupied.ts'
import { type FoundDevices, findDevices, type GpuDevice, listGpuProcesses } from './find-devices.ts'
import { waitForDeviceLock } from './lock-device.ts'
import { describeDevice, type PickedDevice, pickDevice } from './pick-device.ts'
import { findSideDevice, type SessionDevice, type SideDevice } from './side-device.ts'

type CaseSessions = Pick<CaseSpec, Side>

/** The devices that the sessions of a job run on. */
export interface JobDevices {
  readonly found: FoundDevices
  /** Those that are known, each once, in the order of their names, so that two jobs never wait for each other. */
  readonly gpus: readonly GpuDevice[]
  /** For the fingerprint; null where everything runs on the processor. */
  readonly description: string | null
  readonly ofSession: (session: SessionDevice) => Promise<SideDevice | null>
  readonly ofCase: (spec: CaseSessions) => Promise<Readonly<Record<Side, SideDevice | null>>>
}

export interface DeviceSettings {
  /** Path of nvidia-smi; null or nothing: where drivers put it. */
  readonly nvidiaSmi?: string | null
  /** Folders of `LD_LIBRARY_PATH`. */
  readonly libraryPath?: readonly string[]
}

/** Nothing is asked of any driver where all sessions are on the processor. */
export async function findJobDevices(
  cases: readonly CaseSessions[],
  { nvidiaSmi = null, libraryPath = [] }: DeviceSettings
): Promise<JobDevices> {
  const sessions = cases.flatMap((spec) => SIDES.map((side) => spec[side].session))
  const onDevices = sessions.filter(({ executionProvider }) => executionProvider !== 'cpu')
  const found: FoundDevices =
    onDevices.length === 0 ? { kind: 'no_program' } : await findDevices(nvidiaSmi ?? undefined)
  const picked = onDevices.map((session) => pickDevice(session, found))
  const ofSession = (session: SessionDevice) => findSideDevice(session, found, libraryPath)
  const gpus = new Map(picked.flatMap((each) => (each.kind === 'gpu' ? [[each.device.id, each.device]] : [])))
  return {
    found,
    gpus: [...gpus.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
    description: describePicked(picked),
    ofSession,
    ofCase: async ({ baseline, candidate }) => ({
      baseline: await ofSession(baseline.session),
      candidate: await ofSession(candidate.session)
    })
  }
}

function describePicked(picked: readonly PickedDevice[]): string | null {
  const names = picked.map((each) => (each.kind === 'gpu' ? describeDevice(each.device) : 'a GPU that is not known'))
  return names.length === 0 ? null : [...new Set(names)].join('; ')
}

export interface DeviceTurn {
  readonly work: Holder['work']
  readonly signal: AbortSignal
  /** Called when somebody else measures on a device. */
  readonly waiting: (holder: Holder | null) => void
}

/** Waits until no other job measures on these devices. Free at once when aborted. */
export async function waitForDevices({ gpus }: JobDevices, turn: DeviceTurn): Promise<ReleaseLock> {
  const releases: ReleaseLock[] = []
  for (const { id } of gpus) releases.push(await waitForDeviceLock(id, turn))
  return () => {
    for (const release of releases) release()
  }
}

/**
 * Whom else computes on the devices, before anything of ours does.
 *
 * @returns by case index; a case without an entry can be measured
 */
export async function findOccupied(
  devices: JobDevices,
  cases: readonly { readonly caseIndex: number; readonly spec: CaseSessions }[]
): Promise<ReadonlyMap<number, BenchmarkFailure>> {
  const occupied = new Map<string, BenchmarkFailure>()
  for (const gpu of devices.gpus) {
    const failure = await findOccupants(devices, gpu)
    if (failure !== null) occupied.set(gpu.id, failure)
  }
  const failureOf = ({ session }: CaseSpec[Side]) => {
    const picked = pickDevice(session, devices.found)
    return picked.kind === 'gpu' ? occupied.get(picked.device.id) : undefined
  }
  const failures = cases.flatMap(({ caseIndex, spec }) => {
    const failure = failureOf(spec.baseline) ?? failureOf(spec.candidate)
    return failure === undefined ? [] : [[caseIndex, failure] as const]
  })
  return new Map(failures)
}

async function findOccupants({ found }: JobDevices, { identity }: GpuDevice): Promise<BenchmarkFailure | null> {
  if (found.kind !== 'found') return null
  const listed = await listGpuProcesses(found.program, identity.uuid)
  const processes = listed?.map(({ pid, name, memoryBytes }) => ({ pid, name, memoryBytes, owner: 'foreign' as const }))
  const verdict = judgeOccupants(processes ?? null, identity.mig.enabled === true)
  return verdict.kind === 'refused' ? describeOccupied(verdict.processes) : null
}
