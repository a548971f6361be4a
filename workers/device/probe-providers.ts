import { DEFAULT_SESSION } from '#contracts/session.ts'
import { builtInModel } from '#workers/calibration/built-in-model.ts'
import { type AskedProvider, explainProvider, type ProviderProblem } from './explain-provider.ts'
import { probeRuntime } from './probe-runtime.ts'
import { findSideDevice, type SessionDevice, type SideDevice } from './side-device.ts'

export type ProviderProbe = AskedProvider &
  ({ readonly kind: 'works' } | { readonly kind: 'missing'; readonly problem: ProviderProblem })

export interface ProbeProvidersOptions {
  readonly asked: readonly AskedProvider[]
  readonly bubblewrap: string | null
  readonly engineDirectory: string | null
  /** What a process needs in order to reach the device of a session. Default: as where no driver tells of any. */
  readonly findDevice?: (session: SessionDevice) => Promise<SideDevice | null>
}

/**
 * Tries execution providers one after another, each by creating a session and running a small model without help from the
 * processor, in a process of its own and in the sandbox. ONNX Runtime's list of providers tells what a build could have, not
 * what works.
 */
export async function probeProviders(options: ProbeProvidersOptions): Promise<readonly ProviderProbe[]> {
  const { asked, bubblewrap, engineDirectory, findDevice = findUnknownDevice } = options
  const model = builtInModel()
  const probes: ProviderProbe[] = []
  for (const { provider, deviceId } of asked) {
    const device = await findDevice({ executionProvider: provider, deviceId })
    const own = { executionProvider: provider, deviceId: device?.deviceId ?? deviceId }
    const session = { ...DEFAULT_SESSION, ...own, cpuFallback: 'forbid' as const }
    const probe = await probeRuntime({ model, bubblewrap, session, engineDirectory, device })
    probes.push({ provider, deviceId, ...explain({ provider, deviceId }, probe) })
  }
  return probes
}

function findUnknownDevice(session: SessionDevice): Promise<SideDevice | null> {
  return findSideDevice(session, { kind: 'no_program' })
}

function explain(
  asked: AskedProvider,
  probe: Awaited<ReturnType<typeof probeRuntime>>
): { readonly kind: 'works' } | { readonly kind: 'missing'; readonly problem: ProviderProblem } {
  switch (probe.kind) {
    case 'works':
      return probe
    case 'not_installed': {
      const missing = { part: 'engine_part', name: 'onnxruntime-node' } as const
      const message = 'onnxruntime-node is not installed on this machine.'
      return { kind: 'missing', problem: { missing, message, hint: 'Install it: npm ci, without --omit=optional.' } }
    }
    case 'fails':
      // A process that was killed by a driver prints nothing of use; how it ended stands in the reason.
      return { kind: 'missing', problem: explainProvider(asked, `${probe.output}\n${probe.reason}`) }
  }
}
