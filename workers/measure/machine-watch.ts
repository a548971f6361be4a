import type { EnvironmentReading } from '#contracts/environment.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { ReadingVerdict } from '#src/environment/judge-reading.ts'
import type { SideDevice } from '#workers/device/side-device.ts'
import type { EnvironmentSpan } from '#workers/device/watch-environment.ts'

/** What measuring asks of the machine that it happens on. */
export interface MachineWatch {
  /** Begins a span of one case, by the clock of `machineNowMs`. */
  readonly watch: (device: SideDevice | null) => Promise<EnvironmentSpan>
  /** Resolves when readings of spans that have ended are complete. */
  readonly settle: () => Promise<void>
  readonly judge: (device: SideDevice | null, reading: EnvironmentReading) => ReadingVerdict
  /**
   * Call it before the first round, and after each.
   *
   * @param engines folders of installed engines; null: the worker's own
   * @throws {MachineChangedError} when the machine is not the one of the first call
   */
  readonly checkIdentity: (engines: Readonly<Record<Side, string | null>>) => Promise<void>
}
