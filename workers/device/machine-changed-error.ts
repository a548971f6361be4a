import type { IdentityChange } from '#src/environment/compare-identities.ts'

/** The machine is not the one that a job began on, so that what was measured before and after cannot be compared. */
export class MachineChangedError extends Error {
  override readonly name = 'MachineChangedError'
  readonly code = 'machine_changed'

  constructor(changes: readonly IdentityChange[]) {
    const told = changes.map(({ what, was, is }) => `${what} was ${was} and is ${is}`).join('; ')
    super(`The machine changed while it measured: ${told}.`)
  }
}
