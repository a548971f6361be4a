import { expect, test } from 'vitest'
import { findSideDevice } from '#workers/device/side-device.ts'

const NOTHING_FOUND = { kind: 'no_program' } as const

test('the processor needs nothing', async () => {
  const session = { executionProvider: 'cpu', deviceId: 0 } as const

  expect(await findSideDevice(session, NOTHING_FOUND, ['/opt/cuda/lib64'])).toBeNull()
})

test('WebGPU gets render nodes and the names of Vulkan drivers, CUDA does not', async () => {
  const webgpu = await findSideDevice({ executionProvider: 'webgpu', deviceId: 0 }, NOTHING_FOUND)
  const cuda = await findSideDevice({ executionProvider: 'cuda', deviceId: 0 }, NOTHING_FOUND)

  expect(webgpu?.devicePaths).toContain('/dev/dri')
  expect(webgpu?.readOnlyPaths).toContain('/etc/vulkan')
  expect(cuda?.devicePaths).not.toContain('/dev/dri')
  expect(cuda?.readOnlyPaths).not.toContain('/etc/vulkan')
  expect(cuda?.readOnlyPaths).toContain('/sys/bus/pci')
})

test('a device that no driver tells of keeps its number and is not watched', async () => {
  const device = await findSideDevice({ executionProvider: 'cuda', deviceId: 3 }, NOTHING_FOUND)

  expect(device).toMatchObject({ id: null, deviceId: 3, environment: {} })
})

test('only absolute folders of libraries are shown and searched', async () => {
  const session = { executionProvider: 'cuda', deviceId: 0 } as const
  const device = await findSideDevice(session, NOTHING_FOUND, ['/opt/cuda/lib64', 'lib', '.'])

  expect(device?.environment).toEqual({ LD_LIBRARY_PATH: '/opt/cuda/lib64' })
  expect(device?.readOnlyPaths).toContain('/opt/cuda/lib64')
  expect(device?.readOnlyPaths).not.toContain('.')
})
