import type { CaseSpec } from '#contracts/case.ts'
import { type DeviceSettings, type DeviceTurn, findJobDevices, type JobDevices, waitForDevices } from './job-devices.ts'
import type { ReadEngineIdentity } from './read-engine-identity.ts'
import { type WatchedMachine, watchMachine } from './watch-machine.ts'

/** What a job measures on. */
export interface JobMachine {
  readonly devices: JobDevices
  readonly machine: WatchedMachine
}

export interface JobMachineOptions extends DeviceTurn {
  readonly cases: readonly CaseSpec[]
  readonly settings: DeviceSettings
  readonly readEngine: ReadEngineIdentity
}

/** Finds the devices of a job, waits for its turn on them and watches them until `use` has settled. */
export async function withJobMachine<Result>(
  { cases, settings, readEngine, ...turn }: JobMachineOptions,
  use: (found: JobMachine) => Promise<Result>
): Promise<Result> {
  const devices = await findJobDevices(cases, settings)
  const release = await waitForDevices(devices, turn)
  try {
    const machine = await watchMachine({ ...devices, readEngine })
    try {
      return await use({ devices, machine })
    } finally {
      await machine.stop()
    }
  } finally {
    release()
  }
}
