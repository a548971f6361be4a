import type { CaseSpec } from '#contracts/case.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { SessionSpec } from '#contracts/session.ts'
import type { AskedProvider } from './explain-provider.ts'
import { findUselessOption } from './find-useless-option.ts'
import type { ProviderProbe } from './probe-providers.ts'

/** Why the session of one side cannot be created on this machine. */
export interface SessionFailure {
  /** `provider_unavailable`: this machine lacks something. `session_unsupported`: no machine like this could do it. */
  readonly code: 'provider_unavailable' | 'session_unsupported'
  readonly side: Side
  readonly message: string
  readonly hint: string
}

export interface CheckSessionsDeps {
  /** Tries an execution provider with an engine; null is the worker's own. Called once for each that is asked for. */
  readonly probe: (asked: AskedProvider, engineVersion: string | null) => Promise<ProviderProbe>
  /** As `process.arch` has it. */
  readonly architecture: string
}

/**
 * Checks the sessions of all cases before any model is loaded: options that have no effect here, and execution providers
 * that do not work here. The processor is not tried; `doctor` does that.
 *
 * @returns by case index; cases that can be measured are not in it
 */
export async function checkSessions(
  deps: CheckSessionsDeps,
  cases: readonly { readonly caseIndex: number; readonly spec: Pick<CaseSpec, Side> }[]
): Promise<ReadonlyMap<number, SessionFailure>> {
  const probes = new Map<string, ProviderProbe>()

  async function probeOnce({ executionProvider, deviceId, engineVersion }: SessionSpec): Promise<ProviderProbe> {
    const key = JSON.stringify([executionProvider, deviceId, engineVersion])
    const known = probes.get(key)
    if (known !== undefined) return known
    const probe = await deps.probe({ provider: executionProvider, deviceId }, engineVersion)
    probes.set(key, probe)
    return probe
  }

  async function check(side: Side, session: SessionSpec): Promise<SessionFailure | null> {
    const useless = findUselessOption(session, deps.architecture)
    if (useless !== null) {
      return { code: 'session_unsupported', side, message: useless.message, hint: useless.hint }
    }
    if (session.executionProvider === 'cpu') return null
    const probe = await probeOnce(session)
    if (probe.kind === 'works') return null
    const { message, hint } = probe.problem
    return { code: 'provider_unavailable', side, message, hint }
  }

  const failures = new Map<number, SessionFailure>()
  for (const { caseIndex, spec } of cases) {
    for (const side of SIDES) {
      const failure = failures.has(caseIndex) ? null : await check(side, spec[side].session)
      if (failure !== null) failures.set(caseIndex, failure)
    }
  }
  return failures
}
