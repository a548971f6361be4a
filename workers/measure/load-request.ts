import type { CaseSpec } from '#contracts/case.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { SideDevice } from '#workers/device/side-device.ts'
import { batchSizeOf } from '#workers/scenarios/batch-size.ts'
import type { InjectedDelay } from '#workers/side/inject-delay.ts'
import type { LoadRequest, RecordedSource } from '#workers/side/protocol.ts'

/** A case whose files were found on both sides. */
export interface PreparedCase {
  readonly caseIndex: number
  readonly spec: CaseSpec
  readonly modelFiles: Readonly<Record<Side, string>>
  /** Where each side's engine is; null: the worker's own. See `importEngine`. */
  readonly engineDirectories: Readonly<Record<Side, string | null>>
  /** What each side needs besides the processor; null or nothing: it runs there. */
  readonly devices?: Readonly<Record<Side, SideDevice | null>>
  /** Files of recorded samples, as they were found. */
  readonly recorded: Readonly<Record<Side, readonly RecordedSource[]>>
}

/** What the processes of a launch can use: cases that differ in it cannot share one. */
export type LaunchPlace = Pick<PreparedCase, 'engineDirectories' | 'devices'>

/** What one side of a case loads. */
export function loadRequestOf(
  { caseIndex, spec, modelFiles, engineDirectories, devices, recorded }: PreparedCase,
  side: Side,
  injectedDelay: InjectedDelay | null = null
): LoadRequest {
  const { modelPath, session, inputs } = spec[side]
  const deviceId = devices?.[side]?.deviceId ?? session.deviceId
  return {
    kind: 'load',
    caseIndex,
    modelFile: modelFiles[side],
    modelPath,
    session: { ...session, deviceId },
    inputs,
    recorded: recorded[side],
    batchSize: batchSizeOf(spec.scenario),
    scenario: spec.scenario,
    engineDirectory: engineDirectories[side],
    injectedDelay
  }
}
