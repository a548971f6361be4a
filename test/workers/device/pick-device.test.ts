import { expect, test } from 'vitest'
import { SAMPLE_GPU } from '#test/environment/sample-reading.ts'
import type { FoundDevices, GpuDevice } from '#workers/device/find-devices.ts'
import { describeDevice, pickDevice } from '#workers/device/pick-device.ts'
import { smiEnvironment } from '#workers/device/run-nvidia-smi.ts'

const gpu = (index: number): GpuDevice => ({ id: `GPU-${index}`, index, identity: SAMPLE_GPU, slice: null })
const slice: GpuDevice = {
  ...gpu(0),
  id: 'MIG-7',
  slice: { uuid: 'MIG-7', gpuUuid: 'GPU-0', profile: '1g.10gb' }
}
const found = (...gpus: readonly GpuDevice[]): FoundDevices => ({
  kind: 'found',
  program: '/usr/bin/nvidia-smi',
  gpus,
  knownFields: new Set()
})

test.each([
  ['cpu', 0, found(gpu(0)), { kind: 'cpu' }],
  ['cuda', 0, found(gpu(0), gpu(1)), { kind: 'gpu', device: { id: 'GPU-0' } }],
  ['tensorrt', 1, found(gpu(0), gpu(1)), { kind: 'gpu', environment: { CUDA_VISIBLE_DEVICES: 'GPU-1' } }],
  ['cuda', 0, found(slice), { kind: 'gpu', environment: { CUDA_VISIBLE_DEVICES: 'MIG-7' }, sideDeviceId: 0 }],
  ['cuda', 2, found(gpu(0), gpu(1)), { kind: 'absent', deviceCount: 2 }],
  ['cuda', 0, { kind: 'no_program' }, { kind: 'absent', deviceCount: 0 }],
  ['webgpu', 0, found(gpu(0)), { kind: 'gpu', device: { id: 'GPU-0' } }],
  ['webgpu', 0, found(gpu(0), gpu(1)), { kind: 'unknown' }],
  ['webgpu', 0, { kind: 'no_program' }, { kind: 'unknown' }]
] as const)('%s on device %d %#', (executionProvider, deviceId, devices, picked) => {
  expect(pickDevice({ executionProvider, deviceId }, devices)).toMatchObject(picked)
})

test('a device as reports call it', () => {
  expect(describeDevice(gpu(0))).toBe('NVIDIA L40S, driver 570.124.06')
  expect(describeDevice(slice)).toBe('1g.10gb of NVIDIA L40S, driver 570.124.06')
})

test('nvidia-smi gets nothing of the worker’s environment', () => {
  expect(smiEnvironment('/usr/bin/nvidia-smi')).toEqual({ LC_ALL: 'C' })
  expect(smiEnvironment('/usr/local/nvidia/bin/nvidia-smi')).toEqual({
    LC_ALL: 'C',
    LD_LIBRARY_PATH: '/usr/local/nvidia/lib64'
  })
})
