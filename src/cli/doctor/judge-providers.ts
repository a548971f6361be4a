import type { ExecutionProvider } from '#contracts/session.ts'
import type { ProviderProbe } from '#workers/device/probe-providers.ts'
import { absent, type Finding, fine, warning } from './finding.ts'

const NAMES: Readonly<Record<ExecutionProvider, string>> = {
  cpu: 'CPU',
  cuda: 'CUDA',
  tensorrt: 'TensorRT',
  webgpu: 'WebGPU'
}

/**
 * What sessions can run on. A provider that does not work is no fault of a machine without a GPU, so that there it is only
 * said; nothing here is broken either way, since the repositories decide what they ask for.
 */
export function judgeProviders(probes: readonly ProviderProbe[], { hasGpu }: { readonly hasGpu: boolean }): Finding[] {
  return probes.map((probe) => {
    const check = probe.deviceId === 0 ? NAMES[probe.provider] : `${NAMES[probe.provider]} ${probe.deviceId}`
    switch (probe.kind) {
      case 'works':
        return fine(check, 'ran a small model, all of it on the device')
      case 'missing': {
        const { message, hint } = probe.problem
        return hasGpu ? warning(check, message, hint) : absent(check, message)
      }
      default:
        return probe satisfies never
    }
  })
}
