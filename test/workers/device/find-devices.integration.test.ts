import { afterEach, expect, test } from 'vitest'
import { EnvironmentReading } from '#contracts/environment.ts'
import { DEFAULT_GATE_LIMITS } from '#src/environment/gate-limits.ts'
import { judgeReading } from '#src/environment/judge-reading.ts'
import type { RecordingName } from '#test/fixtures/device/read-recording.ts'
import { type FakeProgram, makeProgram, playRecording } from '#test/fixtures/device/start-smi.ts'
import { findDevices, listGpuProcesses, readGpuIdentity } from '#workers/device/find-devices.ts'
import { chooseFields, SAMPLE_FIELDS } from '#workers/device/gpu-fields.ts'
import { type GpuSampler, startGpuSampler } from '#workers/device/gpu-sampler.ts'
import { createAskSmi, findNvidiaSmi } from '#workers/device/run-nvidia-smi.ts'
import { createEnvironmentWatcher, sideGpuMemory } from '#workers/device/watch-environment.ts'
import { watchGpu } from '#workers/device/watch-gpu.ts'

const FIRST = 'GPU-1c2f8a36-0d5b-4e0e-9f1a-6b7c5d4e3f20'
const SECOND = 'GPU-2d3a9b47-1e6c-5f1f-a02b-7c8d6e5f4031'

const programs: FakeProgram[] = []
const samplers: GpuSampler[] = []
afterEach(async () => {
  await Promise.all(samplers.splice(0).map((sampler) => sampler.stop()))
  await Promise.all(programs.splice(0).map((program) => program.remove()))
})

async function play(name: RecordingName): Promise<string> {
  const program = await playRecording(name)
  programs.push(program)
  return program.path
}

async function script(text: string): Promise<string> {
  const program = await makeProgram(text)
  programs.push(program)
  return program.path
}

test('GPUs are found with what each is', async () => {
  const found = await findDevices(await play('nvidia-smi-550-two.txt'))

  expect(found).toMatchObject({
    kind: 'found',
    gpus: [
      { id: FIRST, index: 0, slice: null, identity: { name: 'NVIDIA A40', cudaVersion: '12.4' } },
      { id: SECOND, index: 1, slice: null, identity: { computeMode: 'Exclusive_Process' } }
    ]
  })
  expect(await readGpuIdentity(found, SECOND)).toMatchObject({ uuid: SECOND, powerLimitW: 250 })
  expect(await readGpuIdentity(found, 'GPU-gone')).toBeNull()
})

test('an old driver is asked in its own words', async () => {
  expect(await findDevices(await play('nvidia-smi-470.txt'))).toMatchObject({
    kind: 'found',
    gpus: [{ identity: { name: 'Tesla T4', driverVersion: '470.182.03', cudaVersion: '11.4' } }]
  })
})

test('a GPU that is cut up is its slices', async () => {
  const found = await findDevices(await play('nvidia-smi-590-mig.txt'))

  const ids = ['MIG-ab1c7d52-98f3-5a14-8c60-2f1e0d9b8a71', 'MIG-bc2d8e63-a904-5b25-9d71-302f1eac9b82']
  expect(found).toMatchObject({
    gpus: ids.map((id) => ({ id, index: 0, identity: { uuid: FIRST, mig: { enabled: true, instanceUuid: id } } }))
  })
  const second = found.kind === 'found' ? found.gpus[1] : undefined
  expect(await readGpuIdentity(found, second?.id ?? '')).toEqual(second?.identity)
})

test('processes of one GPU', async () => {
  const program = await play('nvidia-smi-590-mig.txt')

  expect(await listGpuProcesses(program, FIRST)).toMatchObject([
    { pid: 21180, name: '/root/tools/memhog' },
    { pid: 21181 },
    { pid: 21198, name: './gpu_burn' }
  ])
  expect(await listGpuProcesses(program, SECOND)).toEqual([])
})

test.each([
  [
    'no driver',
    'echo "NVIDIA-SMI has failed because it couldn\'t communicate with the NVIDIA driver."; exit 9',
    'no_driver'
  ],
  ['another driver', 'echo "Failed to initialize NVML: Driver/library version mismatch"; exit 18', 'driver_mismatch'],
  ['no GPU', 'echo "No devices were found"', 'no_devices'],
  ['a GPU that is lost', 'echo "[GPU is lost], [N/A]"', 'fails'],
  ['a crash', 'kill -SEGV $$', 'fails']
])('%s', async (_what, text, kind) => {
  expect((await findDevices(await script(text))).kind).toBe(kind)
})

test('no program, or one that cannot be started', async () => {
  expect(await findDevices(null)).toEqual({ kind: 'no_program' })
  expect((await findDevices('/nowhere/nvidia-smi')).kind).toBe('fails')
  expect(await findNvidiaSmi(['/nowhere/nvidia-smi', '/bin/sh'])).toBe('/bin/sh')
})

test('one that hangs is left', async () => {
  const ask = createAskSmi(await script('sleep 600'), 200)

  expect(await ask(['-L'])).toEqual({ kind: 'hangs', timeoutMs: 200 })
})

function startOn(program: string, known: ReadonlySet<string>): GpuSampler {
  const fields = chooseFields(SAMPLE_FIELDS, known)
  const sampler = startGpuSampler({ program, fields, gpuUuid: FIRST, nowMs: () => performance.now(), intervalMs: 20 })
  samplers.push(sampler)
  return sampler
}

test('samples come in the background, and no more when it is stopped', async () => {
  const program = await play('nvidia-smi-570.txt')
  const found = await findDevices(program)
  const sampler = startOn(program, found.kind === 'found' ? found.knownFields : new Set())

  await expect.poll(() => sampler.samples().length, { timeout: 20_000 }).toBeGreaterThan(2)
  await sampler.stop()
  const count = sampler.samples().length

  expect(sampler.samples().slice(0, 2)).toMatchObject([
    { smClockMHz: 2520, reasons: ['sw_power_cap'] },
    { smClockMHz: 2490, activeUs: { sw_thermal: 2300 } }
  ])
  expect(sampler.samples().every(({ atMs }, index, all) => atMs >= (all[index - 1]?.atMs ?? 0))).toBe(true)
  expect(sampler.problem()).toBeNull()
  expect(sampler.samples()).toHaveLength(count)
})

test('a sampler that ends says why', async () => {
  const lost = startOn(await script('echo "Unable to determine the device handle"; exit 15'), new Set())
  const missing = startOn('/nowhere/nvidia-smi', new Set())

  await expect
    .poll(() => lost.problem(), { timeout: 20_000 })
    .toBe('nvidia-smi ended with exit code 15: Unable to determine the device handle')
  await expect.poll(() => missing.problem(), { timeout: 20_000 }).toMatch(/could not be started/)
  expect(lost.samples()).toEqual([])
})

test('a GPU that got hot while a case was measured costs it the round', async () => {
  const found = await findDevices(await play('nvidia-smi-570.txt'))
  if (found.kind !== 'found') throw new Error(found.kind)
  const [device] = found.gpus
  const gpu = watchGpu(found, device!, () => performance.now())
  try {
    const watch = await createEnvironmentWatcher({ gpu, nowMs: () => performance.now() })
    const span = await watch()
    await expect.poll(() => gpu.sampler.samples().length, { timeout: 20_000 }).toBeGreaterThan(2)
    await span.end({ pids: { baseline: [9001], candidate: [] } })
    const reading = EnvironmentReading.parse(span.read())

    expect(sideGpuMemory(reading, 'baseline')).toBe(2098 * 1_048_576)
    expect(judgeReading(reading, false, DEFAULT_GATE_LIMITS)).toEqual({
      kind: 'discard',
      reason: { kind: 'gpu_slowdown', reasons: [{ reason: 'sw_thermal', samples: 0, activeUs: 2300 }] }
    })
  } finally {
    await gpu.stop()
  }
})
