import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { ExecutionProvider } from '#contracts/session.ts'
import { explainProvider, type MissingPart } from '#workers/device/explain-provider.ts'

const FOLDER = join(import.meta.dirname, '../../fixtures/providers')

function explain(provider: ExecutionProvider, output: string, deviceId = 0) {
  return explainProvider({ provider, deviceId }, output)
}

describe('explainProvider', () => {
  test.each<[string, ExecutionProvider, MissingPart, RegExp]>([
    [
      'cuda-absent',
      'cuda',
      { part: 'engine_part', name: 'libonnxruntime_providers_shared.so' },
      /^onnxruntime-node was installed without `libonnxruntime_providers_shared.so`, which cuda needs/
    ],
    [
      'tensorrt-absent',
      'tensorrt',
      { part: 'engine_part', name: 'libonnxruntime_providers_shared.so' },
      /which tensorrt needs/
    ],
    [
      'webgpu-absent',
      'webgpu',
      { part: 'library', name: 'libvulkan.so.1' },
      /^webgpu needs `libvulkan.so.1` \(the Vulkan/
    ],
    ['webgpu-no-driver', 'webgpu', { part: 'driver', name: null }, /^webgpu finds the Vulkan loader and no driver/],
    ['webgpu-no-adapter', 'webgpu', { part: 'device', name: null }, /^webgpu finds no GPU/],
    ['cuda-no-cudnn', 'cuda', { part: 'library', name: 'libcudnn.so.9' }, /`libcudnn.so.9` \(cuDNN 9 for CUDA 12\)/],
    ['cuda-no-cublas', 'cuda', { part: 'library', name: 'libcublasLt.so.12' }, /`libcublasLt.so.12` \(CUDA 12\)/],
    ['tensorrt-no-nvinfer', 'tensorrt', { part: 'library', name: 'libnvinfer.so.8' }, /\(TensorRT 10\)/],
    [
      'cuda-no-device',
      'cuda',
      { part: 'device', name: null },
      /no device 3 for cuda: no CUDA-capable device is detected\./
    ],
    ['cuda-no-such-device', 'cuda', { part: 'device', name: null }, /no device 3 for cuda: invalid device ordinal\./],
    [
      'cuda-old-driver',
      'cuda',
      { part: 'driver', name: null },
      /driver does not serve cuda: CUDA driver version is ins/
    ],
    ['cuda-bad-driver', 'cuda', { part: 'driver', name: null }, /forward compatibility was attempted/]
  ])('%s', (file, provider, missing, message) => {
    const problem = explain(provider, readFileSync(join(FOLDER, `${file}.txt`), 'utf8'), 3)

    expect(problem.missing).toEqual(missing)
    expect(problem.message).toMatch(message)
    expect(problem.hint).not.toBe('')
  })

  test.each<[string, MissingPart['part'], RegExp]>([
    ['libcuda.so.1: cannot open shared object file', 'unknown', /libcuda/],
    [
      'Failed to load library x.so with error: libcuda.so.1: cannot open shared object file',
      'driver',
      /the NVIDIA driver/
    ],
    ['CUDA failure 2: out of memory ; GPU=0', 'memory', /no memory left for cuda: out of memory/],
    ['CUDA failure 719: unspecified launch failure ; GPU=0', 'unknown', /CUDA failure 719/],
    ['no available backend found. ERR: [cuda] backend not found.', 'engine_part', /has no cuda for this system/],
    ['', 'unknown', /nothing was said/],
    [
      '\n\u001b[1;31mwarning\u001b[m\nError: something new\n    at x',
      'unknown',
      /could be created: Error: something new\.$/
    ]
  ])('%j', (output, part, message) => {
    const problem = explain('cuda', output)

    expect(problem.missing.part).toBe(part)
    expect(problem.message).toMatch(message)
  })

  test('whatever was printed, the message stays short', () => {
    expect(explain('cuda', 'x'.repeat(100_000)).message.length).toBeLessThan(500)
  })
})
