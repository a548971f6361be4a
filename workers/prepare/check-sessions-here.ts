import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import { checkSessions } from '#workers/device/check-sessions.ts'
import { probeProviders } from '#workers/device/probe-providers.ts'
import type { SessionDevice, SideDevice } from '#workers/device/side-device.ts'
import type { CaseToCheck } from '#workers/measure/measure-cases.ts'
import type { PrepareDeps } from './prepare-side.ts'

interface HereDeps {
  readonly bubblewrap: string | null
  readonly resolveEngine: PrepareDeps['resolveEngine']
  /** What a process needs in order to reach the device of a session. */
  readonly findDevice: (session: SessionDevice) => Promise<SideDevice | null>
  readonly signal: AbortSignal
}

/** {@link checkSessions} with the engines and providers of this machine. */
export async function checkSessionsHere(
  cases: readonly CaseToCheck[],
  { bubblewrap, resolveEngine, findDevice, signal }: HereDeps
): Promise<ReadonlyMap<number, BenchmarkFailure>> {
  return checkSessions(
    {
      architecture: process.arch,
      probe: async (asked, engineVersion) => {
        const engine = await resolveEngine(engineVersion, signal)
        // An engine that cannot be had is told of where the side is prepared.
        if (engine.kind === 'failed') return { ...asked, kind: 'works' }
        const engineDirectory = engine.kind === 'own' ? null : engine.directory
        const [probe] = await probeProviders({ asked: [asked], bubblewrap, engineDirectory, findDevice })
        if (probe === undefined) throw new Error('No provider was tried.')
        return probe
      }
    },
    cases
  )
}
