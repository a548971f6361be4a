import { describe, expect, test } from 'vitest'
import type { Finding } from '#src/cli/doctor/finding.ts'
import { judgeContainer, judgeQuota } from '#src/cli/doctor/judge-container.ts'
import { type GpuFacts, judgeGpus, judgeNvidia, judgeVulkan } from '#src/cli/doctor/judge-devices.ts'
import { judgeProviders } from '#src/cli/doctor/judge-providers.ts'
import { renderFindings } from '#src/cli/doctor/render-findings.ts'
import { SAMPLE_GPU } from '#test/environment/sample-reading.ts'
import { type RecordingName, readRecording } from '#test/fixtures/device/read-recording.ts'
import { findDevicesWith, listProcessesWith } from '#workers/device/find-devices.ts'
import { queryArguments } from '#workers/device/gpu-fields.ts'
import { readGpuSamples } from '#workers/device/read-gpu-samples.ts'
import type { AskSmi } from '#workers/device/run-nvidia-smi.ts'

/** A recorded driver, without a process: one that has the last of its samples just now. */
function playDriver(name: RecordingName): AskSmi {
  const recording = readRecording(name)
  const sample = recording.samples.trim().split('\n').at(-1) ?? ''
  return async (args) => {
    const [first = ''] = args
    if (first === '--help-query-gpu') return { kind: 'answered', text: recording.help }
    if (first === '-L') return { kind: 'answered', text: recording.list }
    if (first === '-q') return { kind: 'answered', text: recording.head }
    if (first.startsWith('--query-compute-apps')) return { kind: 'answered', text: recording.processes }
    const isIdentity = first.includes('vbios_version')
    return { kind: 'answered', text: isIdentity ? recording.identity : sample }
  }
}

async function factsOf(name: RecordingName): Promise<GpuFacts[]> {
  const ask = playDriver(name)
  const found = await findDevicesWith('/usr/bin/nvidia-smi', ask)
  if (found.kind !== 'found') throw new Error(`${name} has no GPU: ${found.kind}.`)
  const samples = await readGpuSamples('', found.knownFields, ask)
  return Promise.all(
    found.gpus.map(async (device) => ({
      device,
      sample: samples.get(device.identity.uuid) ?? null,
      processes: await listProcessesWith(ask, device.identity.uuid)
    }))
  )
}

test.each<RecordingName>([
  'nvidia-smi-470.txt',
  'nvidia-smi-525.txt',
  'nvidia-smi-550-two.txt',
  'nvidia-smi-580.txt',
  'nvidia-smi-590-mig.txt'
])('%s as the doctor shows it', async (name) => {
  const findings = judgeGpus(await factsOf(name))

  await expect(renderFindings([{ title: 'Devices', findings }])).toMatchFileSnapshot(`golden/${name}`)
})

test('the recorded question is the one that is asked', () => {
  expect(queryArguments([{ key: 'vbios', name: 'vbios_version' }])).toEqual([
    '--query-gpu=vbios_version',
    '--format=csv,noheader,nounits'
  ])
})

type Row = [what: string, findings: readonly Finding[], level: Finding['level'], found: RegExp, advice?: RegExp]

const vulkan = (loader: string | null, drivers: readonly string[]) => [judgeVulkan({ loader, drivers })]
const MISSING = {
  kind: 'missing',
  problem: { missing: { part: 'library', name: 'l' }, message: 'It lacks l.', hint: 'Install l.' }
} as const
const providers = (result: typeof MISSING | { readonly kind: 'works' }, hasGpu: boolean) =>
  judgeProviders([{ provider: 'cuda', deviceId: 0, ...result }], { hasGpu })
const quota = (quotaCores: number | null, coreCount: number, throttledPeriods = 0) => [
  judgeQuota({ quotaCores, coreCount, throttling: { periods: 100, throttledPeriods, throttledUs: 0 } })
]
const container = (inside: boolean | null, ownPidNamespace: boolean | null, hasGpu: boolean) => [
  judgeContainer({ container: inside, ownPidNamespace }, { hasGpu })
]

const ROWS: readonly Row[] = [
  ['no NVIDIA at all', judgeNvidia({ kind: 'no_program' }), 'absent', /no nvidia-smi/],
  ['a driver without a GPU', judgeNvidia({ kind: 'no_devices' }), 'warning', /finds no GPU/, /--gpus all/],
  [
    'a driver that is not loaded',
    judgeNvidia({ kind: 'no_driver', reason: 'r' }),
    'warning',
    /does not answer/,
    /modprobe/
  ],
  ['an updated driver', judgeNvidia({ kind: 'driver_mismatch', reason: 'r' }), 'warning', /updated/, /Restart/],
  ['a driver that hangs', judgeNvidia({ kind: 'hangs', timeoutMs: 20_000 }), 'broken', /for 20 s/, /Xid/],
  ['a driver that fails', judgeNvidia({ kind: 'fails', reason: 'r' }), 'broken', /fails: r/, /by hand/],
  ['Vulkan', vulkan('/l', ['nvidia_icd.json']), 'ok', /^\/l, drivers: nvidia_icd\.json$/],
  ['no Vulkan', vulkan(null, []), 'warning', /WebGPU/, /libvulkan1/],
  ['Vulkan without a driver', vulkan('/l', []), 'warning', /no driver/, /NVIDIA_DRIVER_CAPABILITIES/],
  ['a provider that works', providers({ kind: 'works' }, true), 'ok', /on the device/],
  ['a provider that lacks something', providers(MISSING, true), 'warning', /^It lacks l\.$/, /^Install l\.$/],
  ['the same where no GPU is', providers(MISSING, false), 'absent', /^It lacks l\.$/],
  ['no quota', quota(null, 4), 'ok', /^none$/],
  ['a small quota', quota(1.5, 4), 'warning', /^1\.5 of 4 cores/, /cpuset/],
  ['a quota that stopped something', quota(3, 4, 5), 'warning', /stopped processes in 5\.0 %/, /cpuset/],
  ['a quota for a few threads', quota(4, 64), 'ok', /^4 of 64 cores: enough for sessions with up to 3 threads$/],
  ['a quota of all cores', quota(4, 4), 'ok', /which is all/],
  ['a quota of the only core', quota(1, 1), 'ok', /^1 of 1 core, which is all$/],
  ['no container', container(false, false, true), 'ok', /^no$/],
  ['a container', container(true, true, false), 'ok', /^yes$/],
  ['a container with a GPU', container(true, true, true), 'warning', /other numbers/, /--pid=host/],
  ['a container that sees all processes', container(true, false, true), 'ok', /^yes$/],
  ['a system without /proc', container(null, null, false), 'ok', /not told/]
]

test.each(ROWS)('%s', (_what, [finding, ...others], level, found, advice) => {
  expect(others).toEqual([])
  expect(finding?.level).toBe(level)
  expect(finding?.found).toMatch(found)
  if (advice === undefined) expect(finding?.advice).toBeNull()
  else expect(finding?.advice).toMatch(advice)
})

test('a GPU that was found is no reason why there is none', () => {
  expect(judgeNvidia({ kind: 'found', program: '/s', gpus: [], knownFields: new Set() })).toEqual([])
})

describe('a GPU', () => {
  const device = { id: SAMPLE_GPU.uuid, index: 1, identity: SAMPLE_GPU, slice: null }
  const levelsOf = (facts: Partial<GpuFacts>) =>
    judgeGpus([{ device, sample: null, processes: [], ...facts }]).map(({ level }) => level)

  test('that is fine is one line', () => {
    expect(levelsOf({})).toEqual(['ok'])
    expect(levelsOf({ processes: null })).toEqual(['ok'])
  })

  test.each([
    [{ computeMode: 'Prohibited' }, 'broken'],
    [{ computeMode: 'Exclusive_Process' }, 'broken'],
    [{ persistence: false }, 'warning'],
    [{ mig: { enabled: true, instanceUuid: null } }, 'warning']
  ])('with %j is not', (changes, level) => {
    expect(levelsOf({ device: { ...device, identity: { ...SAMPLE_GPU, ...changes } } })).toEqual(['ok', level])
  })
})

test('a second GPU has its number', () => {
  const probes = [0, 1].map((deviceId) => ({ provider: 'cuda' as const, deviceId, kind: 'works' as const }))

  expect(judgeProviders(probes, { hasGpu: true }).map(({ check }) => check)).toEqual(['CUDA', 'CUDA 1'])
})
