import type { SessionSpec } from '#contracts/session.ts'
import type { FoundDevices, GpuDevice } from './find-devices.ts'

/** What a session runs on. */
export type PickedDevice =
  | { readonly kind: 'cpu' }
  | {
      readonly kind: 'gpu'
      readonly device: GpuDevice
      /** For the side process: it then sees this device alone, as number 0 (`sideDeviceId`), however CUDA would count. */
      readonly environment: Readonly<Record<string, string>>
      readonly sideDeviceId: 0
    }
  /** WebGPU chooses among several GPUs by itself, and those that nvidia-smi does not know cannot be watched. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'absent'; readonly deviceCount: number }

/**
 * The device that a session asks for. Numbers count what {@link FoundDevices} lists: GPUs by their place on the bus, and each
 * slice of one as a device.
 */
export function pickDevice(
  { executionProvider, deviceId }: Pick<SessionSpec, 'executionProvider' | 'deviceId'>,
  found: FoundDevices
): PickedDevice {
  const gpus = found.kind === 'found' ? found.gpus : []
  switch (executionProvider) {
    case 'cpu':
      return { kind: 'cpu' }
    case 'webgpu': {
      const [only, ...others] = gpus
      return only === undefined || others.length > 0 ? { kind: 'unknown' } : isolate(only)
    }
    case 'cuda':
    case 'tensorrt': {
      const device = gpus[deviceId]
      return device === undefined ? { kind: 'absent', deviceCount: gpus.length } : isolate(device)
    }
    default:
      return executionProvider satisfies never
  }
}

/** https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables */
function isolate(device: GpuDevice): PickedDevice {
  return { kind: 'gpu', device, environment: { CUDA_VISIBLE_DEVICES: device.id }, sideDeviceId: 0 }
}

/** For the fingerprint: `NVIDIA L40S, driver 570.124.06`, or the slice of one. */
export function describeDevice({ identity, slice }: GpuDevice): string {
  const name = slice === null ? identity.name : `${slice.profile} of ${identity.name}`
  return identity.driverVersion === null ? name : `${name}, driver ${identity.driverVersion}`
}
