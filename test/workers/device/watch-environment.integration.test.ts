import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { EnvironmentIdentity, EnvironmentReading } from '#contracts/environment.ts'
import { compareIdentities } from '#src/environment/compare-identities.ts'
import { DEFAULT_GATE_LIMITS } from '#src/environment/gate-limits.ts'
import { judgeReading } from '#src/environment/judge-reading.ts'
import { findDevices } from '#workers/device/find-devices.ts'
import { findVulkan } from '#workers/device/find-vulkan-loader.ts'
import { deviceLockName, tryDeviceLock } from '#workers/device/lock-device.ts'
import type { GpuSample } from '#workers/device/parse-gpu-sample.ts'
import { findCgroupFolders, readQuotaCores, readThrottling } from '#workers/device/read-cgroup.ts'
import { readContainerFacts } from '#workers/device/read-container.ts'
import { createEngineReader } from '#workers/device/read-engine-identity.ts'
import { readIdentity } from '#workers/device/read-identity.ts'
import { createEnvironmentWatcher, sideGpuMemory } from '#workers/device/watch-environment.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

async function makeFolder(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tailgate-environment-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return folder
}

const NOBODY = { baseline: [], candidate: [] }

test('this machine has an identity, and the same one a moment later', async () => {
  const readEngine = createEngineReader()
  const read = async () => {
    const engine = await readEngine()
    return readIdentity({ engines: { baseline: engine, candidate: engine }, gpu: null })
  }

  const first = await read()

  expect(EnvironmentIdentity.parse(first)).toEqual(first)
  expect(first.nodeVersion).toBe(process.version)
  expect(first.engines.baseline.librariesSha256).toMatch(/^[0-9a-f]{64}$/)
  expect(compareIdentities(first, await read())).toEqual({ kind: 'same' })
})

test('this machine can be watched', async () => {
  const watch = await createEnvironmentWatcher({ gpu: null, nowMs: () => performance.now() })

  const span = await watch()
  const untilMs = performance.now() + 120
  while (performance.now() < untilMs);
  await span.end({ pids: NOBODY })
  const reading = EnvironmentReading.parse(span.read())

  expect(reading.endMs - reading.startMs).toBeGreaterThanOrEqual(120)
  expect(reading.gpu).toBeNull()
  if (process.platform === 'linux') {
    expect(reading.host.loadAverage).not.toBeNull()
    expect(reading.host.memoryAvailableBytes).toBeGreaterThan(0)
  }
  expect(judgeReading(reading, false, DEFAULT_GATE_LIMITS).kind).toBe('keep')
})

test('a span must be ended before it is read', async () => {
  const watch = await createEnvironmentWatcher({ gpu: null, nowMs: () => 0 })

  expect((await watch()).read).toThrow(/ended/)
})

test('a GPU is read with samples that came after the end, and with its processes', async () => {
  const samples: GpuSample[] = []
  const sample = (atMs: number, hwThermalUs: number) =>
    samples.push({
      atMs,
      smClockMHz: 1500,
      memoryClockMHz: null,
      temperatureC: 50,
      powerW: null,
      utilisationShare: null,
      memoryUsedBytes: 9,
      reasons: [],
      activeUs: { hw_thermal: hwThermalUs },
      eccErrors: null
    })
  let nowMs = 1000
  const listed = [
    { gpuUuid: 'GPU-1', pid: 5, name: 'node', memoryBytes: 100 },
    { gpuUuid: 'GPU-1', pid: 6, name: 'node', memoryBytes: 50 },
    { gpuUuid: 'GPU-1', pid: 7, name: 'node', memoryBytes: null }
  ]
  const watch = await createEnvironmentWatcher({
    gpu: { sampler: { samples: () => samples, problem: () => null }, listProcesses: async () => listed },
    nowMs: () => nowMs
  })

  sample(900, 40)
  const span = await watch()
  sample(1500, 40)
  nowMs = 2000
  await span.end({ pids: { baseline: [5, 6], candidate: [7] } })
  sample(2100, 90)
  const reading = EnvironmentReading.parse(span.read())

  expect(reading.gpu).toMatchObject({
    samples: 1,
    reasons: [{ reason: 'hw_thermal', samples: 0, activeUs: 50 }],
    processes: [{ owner: 'baseline' }, { owner: 'baseline' }, { owner: 'candidate' }]
  })
  expect(sideGpuMemory(reading, 'baseline')).toBe(150)
  expect(sideGpuMemory(reading, 'candidate')).toBeNull()
})

test('quotas and throttling of all groups around this one', async () => {
  const folder = await makeFolder({
    cgroup: '0::/a/b\n',
    'cg/a/b/cpu.stat': 'nr_periods 10\nnr_throttled 1\nthrottled_usec 5\n',
    'cg/a/b/cpu.max': 'max 100000\n',
    'cg/a/cpu.stat': 'nr_periods 20\nnr_throttled 2\nthrottled_usec 7\n',
    'cg/a/cpu.max': '150000 100000\n',
    'cg/cpu.stat': 'usage_usec 1\n'
  })
  const groups = await findCgroupFolders(join(folder, 'cgroup'), join(folder, 'cg'))

  expect(await readThrottling(groups)).toEqual({ periods: 30, throttledPeriods: 3, throttledUs: 12 })
  expect(await readQuotaCores(groups)).toBe(1.5)
  expect(await readThrottling([])).toBeNull()
  expect(await readQuotaCores([])).toBeNull()
})

test('the old groups have their quota in two files', async () => {
  const folder = await makeFolder({
    cgroup: '2:cpu,cpuacct:/docker/1\n',
    'cg/cpu/cpu.cfs_quota_us': '50000\n',
    'cg/cpu/cpu.cfs_period_us': '100000\n'
  })

  expect(await readQuotaCores(await findCgroupFolders(join(folder, 'cgroup'), join(folder, 'cg')))).toBe(0.5)
})

test('an engine that was built anew has another hash under the same version', async () => {
  const library = `bin/napi-v6/${process.platform}/${process.arch}/libonnxruntime.so.1`
  const readEngine = createEngineReader()
  const one = await makeFolder({ 'package.json': '{"version":"1.30.0"}', [library]: 'one' })
  const two = await makeFolder({ 'package.json': '{"version":"1.30.0"}', [library]: 'two' })

  const [first, again, other] = [await readEngine(one), await readEngine(one), await readEngine(two)]

  expect(first.version).toBe('1.30.0')
  expect(first).toEqual(again)
  expect(other.librariesSha256).not.toBe(first.librariesSha256)
  expect(await readEngine('/nowhere')).toEqual({ version: 'not installed', librariesSha256: null })
})

test('whether this is a container is told or not', async () => {
  const facts = await readContainerFacts()

  if (process.platform === 'linux') expect(facts.container).not.toBeNull()
})

test('what WebGPU needs is found where it lies', async () => {
  const folder = await makeFolder({ 'lib/libvulkan.so.1': '', 'icd.d/nvidia_icd.json': '{}', 'icd.d/README': '' })

  expect(await findVulkan([join(folder, 'lib')], [join(folder, 'icd.d')])).toEqual({
    loader: join(folder, 'lib/libvulkan.so.1'),
    drivers: ['nvidia_icd.json']
  })
  expect(await findVulkan([folder], [folder])).toEqual({ loader: null, drivers: [] })
})

test.runIf(process.platform === 'linux')('a device has one slot, and another device another', async () => {
  const id = `GPU-test-${process.pid}`
  const first = await tryDeviceLock(id, 'job')
  const second = await tryDeviceLock(id, 'calibration')
  const other = await tryDeviceLock(`${id}-2`, 'job')

  expect(first.kind).toBe('taken')
  expect(second).toMatchObject({ kind: 'busy', holder: { work: 'job', pid: process.pid } })
  expect(other.kind).toBe('taken')
  for (const lock of [first, other]) if (lock.kind === 'taken') lock.release()
})

test('the name of a slot cannot lead elsewhere', () => {
  expect(deviceLockName('MIG-GPU-1/7/0')).toBe('/tailgate-device/MIG-GPU-1%2F7%2F0')
})

test('devices of this machine are found, or it is said why not', async () => {
  expect(['found', 'no_program', 'no_driver', 'driver_mismatch', 'no_devices', 'hangs', 'fails']).toContain(
    (await findDevices()).kind
  )
})
