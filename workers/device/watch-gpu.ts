import type { FoundDevices, GpuDevice } from './find-devices.ts'
import { listGpuProcesses } from './find-devices.ts'
import { chooseFields, SAMPLE_FIELDS } from './gpu-fields.ts'
import { startGpuSampler } from './gpu-sampler.ts'
import type { WatchedGpu } from './watch-environment.ts'

/** Until it is stopped. */
export interface GpuWatch extends WatchedGpu {
  readonly stop: () => Promise<void>
}

/** Starts to watch a device, for `createEnvironmentWatcher`. Start it once per job and stop it at its end, whatever happens. */
export function watchGpu(
  found: Extract<FoundDevices, { kind: 'found' }>,
  { identity }: GpuDevice,
  nowMs: () => number
): GpuWatch {
  const sampler = startGpuSampler({
    program: found.program,
    fields: chooseFields(SAMPLE_FIELDS, found.knownFields),
    gpuUuid: identity.uuid,
    nowMs
  })
  return {
    sampler,
    listProcesses: () => listGpuProcesses(found.program, identity.uuid),
    stop: () => sampler.stop()
  }
}
