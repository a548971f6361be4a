import { describe, expect, test } from 'vitest'
import { RECORDINGS, type RecordingName, readRecording } from '#test/fixtures/device/read-recording.ts'
import {
  chooseFields,
  IDENTITY_FIELDS,
  parseFieldHelp,
  parseFieldRows,
  readMode,
  readNumber,
  SAMPLE_FIELDS
} from '#workers/device/gpu-fields.ts'
import { parseCudaVersion, parseGpuIdentity, parseGpuIndex } from '#workers/device/parse-gpu-identity.ts'
import { parseGpuProcesses } from '#workers/device/parse-gpu-processes.ts'
import { parseGpuSample, parseReasonMask } from '#workers/device/parse-gpu-sample.ts'
import { parseMigInstances } from '#workers/device/parse-mig-instances.ts'

const FIRST = 'GPU-1c2f8a36-0d5b-4e0e-9f1a-6b7c5d4e3f20'
const SECOND = 'GPU-2d3a9b47-1e6c-5f1f-a02b-7c8d6e5f4031'
const MIB = 1_048_576

function identities(name: RecordingName) {
  const { help, identity, head } = readRecording(name)
  const rows = parseFieldRows(identity, chooseFields(IDENTITY_FIELDS, parseFieldHelp(help)))
  return rows.map((row) => parseGpuIdentity(row, parseCudaVersion(head)))
}

function samples(name: RecordingName) {
  const recording = readRecording(name)
  const rows = parseFieldRows(recording.samples, chooseFields(SAMPLE_FIELDS, parseFieldHelp(recording.help)))
  return rows.map((row, index) => parseGpuSample(row, index * 1000))
}

describe.each(RECORDINGS)('%s', (name) => {
  test('tells who the GPU is', () => {
    const found = identities(name)

    expect(found.length).toBeGreaterThan(0)
    for (const identity of found) {
      expect(identity).toMatchObject({
        uuid: expect.stringMatching(/^GPU-[\da-f-]{36}$/),
        name: expect.stringMatching(/NVIDIA|Tesla/),
        driverVersion: expect.stringContaining(name.slice('nvidia-smi-'.length, 'nvidia-smi-'.length + 3)),
        cudaVersion: expect.stringMatching(/^1[123]\.\d$/)
      })
      expect(identity?.memoryTotalBytes).toBeGreaterThan(4000 * MIB)
    }
  })

  test('gives samples with clocks, temperature and reasons', () => {
    const found = samples(name)

    expect(found.length).toBe(readRecording(name).samples.trim().split('\n').length)
    for (const sample of found) {
      expect(sample.smClockMHz).toBeGreaterThan(100)
      expect(sample.memoryClockMHz).toBeGreaterThan(1000)
      expect(sample.temperatureC).toBeGreaterThan(20)
      expect(sample.reasons).not.toBeNull()
    }
  })
})

test('everything that a server tells', () => {
  expect(identities('nvidia-smi-580.txt')).toEqual([
    {
      uuid: FIRST,
      name: 'NVIDIA H200',
      vbios: '96.00.A5.00.03',
      driverVersion: '580.173.02',
      cudaVersion: '13.0',
      mig: { enabled: false, instanceUuid: null },
      ecc: true,
      computeMode: 'Default',
      persistence: true,
      powerLimitW: 700,
      defaultPowerLimitW: 700,
      maxPowerLimitW: 700,
      pcieGenMax: 5,
      pcieWidthMax: 16,
      memoryTotalBytes: 143_771 * MIB
    }
  ])
})

test('a laptop tells less, in several ways of not telling', () => {
  expect(identities('nvidia-smi-525.txt')).toMatchObject([
    { mig: { enabled: null }, ecc: null, powerLimitW: null, defaultPowerLimitW: null, maxPowerLimitW: null }
  ])
  expect(samples('nvidia-smi-525.txt')).toMatchObject([
    { powerW: null, reasons: [], eccErrors: null },
    { powerW: null, reasons: ['sw_thermal', 'hw_thermal'] }
  ])
})

test('a slice of a GPU has no utilisation', () => {
  expect(samples('nvidia-smi-590-mig.txt')).toMatchObject([
    { utilisationShare: null, reasons: ['gpu_idle'], smClockMHz: 345 },
    { utilisationShare: null, reasons: [], smClockMHz: 1980, powerW: 433.78, memoryUsedBytes: 11_125 * MIB }
  ])
})

test('several GPUs keep their own settings', () => {
  expect(identities('nvidia-smi-550-two.txt')).toMatchObject([
    { uuid: FIRST, computeMode: 'Default', powerLimitW: 300 },
    { uuid: SECOND, computeMode: 'Exclusive_Process', powerLimitW: 250, defaultPowerLimitW: 300 }
  ])
})

test('newer drivers count how long each reason was active', () => {
  expect(samples('nvidia-smi-570.txt')).toMatchObject([
    { reasons: ['sw_power_cap'], activeUs: { sw_power_cap: 51_200, sw_thermal: 0 } },
    { reasons: [], activeUs: { sw_power_cap: 81_900, sw_thermal: 2300, hw_thermal: 0, hw_power_brake: 0 } }
  ])
  expect(samples('nvidia-smi-470.txt')[0]?.activeUs).toEqual({})
})

test.each([
  ['nvidia-smi-470.txt', 'clocks_throttle_reasons.active', 10],
  ['nvidia-smi-535-mig.txt', 'clocks_event_reasons.active', 10],
  ['nvidia-smi-580.txt', 'clocks_event_reasons.active', 15]
] as const)('%s is asked for %s, and for %d fields in all', (name, reasons, count) => {
  const chosen = chooseFields(SAMPLE_FIELDS, parseFieldHelp(readRecording(name).help))

  expect(chosen.find(({ key }) => key === 'reasons')?.name).toBe(reasons)
  expect(chosen).toHaveLength(count)
})

test('without a list of fields the names are those that every driver knows', () => {
  const names = chooseFields(SAMPLE_FIELDS, new Set()).map(({ name }) => name)

  expect(names).toContain('clocks_throttle_reasons.active')
  expect(names.some((name) => name.includes('counters'))).toBe(false)
})

test('only a name at the start of a line is one of a field', () => {
  const help = '"a.b" or "c"\nSet by "-d | --d" or "e.f" switches.\n\n"g"\n'

  expect(parseFieldHelp(help)).toEqual(new Set(['a.b', 'c', 'g']))
})

test('a line that is no answer is left out', () => {
  const chosen = chooseFields({ uuid: ['uuid'], name: ['name'] }, new Set(['uuid', 'name']))
  const text = `Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.\n${FIRST}, NVIDIA H200\n\n`

  expect(parseFieldRows(text, chosen).map((row) => row.get('name'))).toEqual(['NVIDIA H200'])
})

test('a GPU without a UUID is none', () => {
  const chosen = chooseFields({ uuid: ['uuid'], name: ['name'] }, new Set(['uuid', 'name']))

  expect(parseFieldRows('[GPU is lost], NVIDIA H200', chosen).map((row) => row.get('uuid'))).toEqual([null])
  expect(parseGpuIdentity(new Map([['uuid', null]]), null)).toBeNull()
  expect(parseGpuIndex(new Map([['index', '3']]))).toBe(3)
})

test.each([
  ['85.12', 85.12],
  ['85.12 W', 85.12],
  ['98 %', 98],
  ['2300 us', 2300],
  ['-1', -1],
  ['1e3', null],
  ['Infinity', null],
  ['12 34 56', null],
  [null, null],
  [undefined, null]
])('%j is the number %s', (text, number) => {
  expect(readNumber(text)).toBe(number)
})

test.each([
  ['Enabled', true],
  ['Disabled', false],
  ['Other', null],
  [null, null]
])('the mode %j is %s', (text, mode) => {
  expect(readMode(text)).toBe(mode)
})

test.each([
  ['0x0000000000000000', []],
  ['0x0000000000000001', ['gpu_idle']],
  [
    '0x00000000000001FF',
    [
      'gpu_idle',
      'applications_clocks',
      'sw_power_cap',
      'hw_slowdown',
      'sync_boost',
      'sw_thermal',
      'hw_thermal',
      'hw_power_brake',
      'display_clocks'
    ]
  ],
  ['0x0000000000000044', ['sw_power_cap', 'hw_thermal']],
  ['0x8000000000000200', ['other']],
  ['Active', null],
  ['0x', null],
  [null, null]
])('the mask %s names %j', (mask, reasons) => {
  expect(parseReasonMask(mask)).toEqual(reasons)
})

test.each([
  ['CUDA Version                              : 11.4\n', '11.4'],
  [readRecording('nvidia-smi-610.txt').head, '13.3'],
  ['CUDA Version                              : N/A\n', null],
  ['', null]
])('CUDA version %#', (head, version) => {
  expect(parseCudaVersion(head)).toBe(version)
})

test('slices stand below their GPU, in the old naming and the new one', () => {
  const uuid = 'MIG-ab1c7d52-98f3-5a14-8c60-2f1e0d9b8a71'
  expect(parseMigInstances(readRecording('nvidia-smi-590-mig.txt').list)).toEqual([
    { uuid, gpuUuid: FIRST, profile: '3g.40gb' },
    { uuid: 'MIG-bc2d8e63-a904-5b25-9d71-302f1eac9b82', gpuUuid: FIRST, profile: '1g.10gb' }
  ])
  const old = `GPU 0: A100 (UUID: ${FIRST})\n  MIG 1g.5gb Device 0: (UUID: MIG-${FIRST}/7/0)\n`
  expect(parseMigInstances(old)).toEqual([{ uuid: `MIG-${FIRST}/7/0`, gpuUuid: FIRST, profile: '1g.5gb' }])
  expect(parseMigInstances(`  MIG 1g.5gb Device 0: (UUID: ${uuid})\n`)).toEqual([])
})

test('processes: a comma in a name, memory that is not told, and a name that wants to be more than one line', () => {
  expect(parseGpuProcesses(readRecording('nvidia-smi-525.txt').processes)).toEqual([
    { gpuUuid: FIRST, pid: 2210, name: '/usr/bin/gnome-shell, with a comma', memoryBytes: null }
  ])
  expect(parseGpuProcesses(`${FIRST}, 7, 12, a\u001b[2Jb\u2028c\nNo running processes found\n`)).toEqual([
    { gpuUuid: FIRST, pid: 7, name: 'a [2Jb c', memoryBytes: 12 * MIB }
  ])
  expect(parseGpuProcesses('')).toEqual([])
})
