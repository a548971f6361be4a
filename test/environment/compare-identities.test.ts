import { expect, test } from 'vitest'
import { EnvironmentIdentity } from '#contracts/environment.ts'
import { compareEngines, compareIdentities } from '#src/environment/compare-identities.ts'
import { judgeOccupants } from '#src/environment/judge-occupants.ts'
import { SAMPLE_GPU, SAMPLE_IDENTITY } from './sample-reading.ts'

const { cpu, engines } = SAMPLE_IDENTITY

test('the same machine is the same', () => {
  const again = EnvironmentIdentity.parse(JSON.parse(JSON.stringify(SAMPLE_IDENTITY)))

  expect(compareIdentities(SAMPLE_IDENTITY, again)).toEqual({ kind: 'same' })
})

test.each<[Partial<EnvironmentIdentity>, string]>([
  [{ cpu: { ...cpu, model: 'Intel' } }, 'the processor was AMD EPYC, is Intel'],
  [{ cpu: { ...cpu, allowedCores: '0-2' } }, 'the set of allowed cores was 0-3, is 0-2'],
  [{ cpu: { ...cpu, governors: ['performance', 'powersave'] } }, 'is performance, powersave'],
  [{ cpu: { ...cpu, turbo: true } }, 'turbo was off, is on'],
  [{ cpu: { ...cpu, microcode: null } }, 'is not told'],
  [{ cgroupQuotaCores: 2 }, 'the CPU quota in cores was not told, is 2'],
  [{ kernel: '6.2.0' }, 'the kernel was 6.1.0'],
  [{ gpu: null }, 'the GPU was GPU-1c2f8a36'],
  [{ gpu: { ...SAMPLE_GPU, driverVersion: '580.1' } }, 'the GPU’s driver was 570.124.06, is 580.1'],
  [{ gpu: { ...SAMPLE_GPU, powerLimitW: 300 } }, 'the GPU’s power limit in watts was 350, is 300'],
  [{ gpu: { ...SAMPLE_GPU, mig: { enabled: true, instanceUuid: 'MIG-1' } } }, 'MIG was off, is on'],
  [
    { engines: { ...engines, candidate: { version: '1.30.0', librariesSha256: 'b'.repeat(64) } } },
    'the candidate’s ONNX Runtime was 1.30.0 (aaaaaaaaaaaa), is 1.30.0 (bbbbbbbbbbbb)'
  ]
])('a change is found and named %#', (changes, text) => {
  const verdict = compareIdentities(SAMPLE_IDENTITY, { ...SAMPLE_IDENTITY, ...changes })

  const changed = verdict.kind === 'changed' ? verdict.changes : []
  expect(changed.map(({ what, was, is }) => `${what} was ${was}, is ${is}`).join()).toContain(text)
})

test('every fact of the contract is compared', () => {
  const strings = JSON.stringify(SAMPLE_IDENTITY).match(/"[a-z]\w*":/gi) ?? []
  const compared = compareIdentities(
    { ...SAMPLE_IDENTITY, gpu: { ...SAMPLE_GPU, mig: { enabled: null, instanceUuid: null } } },
    {
      cpu: {
        model: 'x',
        microcode: 'x',
        coreCount: 99,
        allowedCores: 'x',
        governors: ['x'],
        turbo: true,
        smt: true,
        virtual: true
      },
      cgroupQuotaCores: 1,
      kernel: 'x',
      container: true,
      nodeVersion: 'x',
      engines: {
        baseline: { version: 'x', librariesSha256: null },
        candidate: { version: 'x', librariesSha256: null }
      },
      gpu: {
        uuid: 'x',
        name: 'x',
        vbios: 'x',
        driverVersion: 'x',
        cudaVersion: 'x',
        mig: { enabled: true, instanceUuid: 'x' },
        ecc: false,
        computeMode: 'x',
        persistence: false,
        powerLimitW: 1,
        defaultPowerLimitW: 1,
        maxPowerLimitW: 1,
        pcieGenMax: 1,
        pcieWidthMax: 1,
        memoryTotalBytes: 1
      }
    }
  )
  // Objects (cpu, engines, baseline, candidate, gpu, mig) are no facts; an engine is one of two.
  const facts = strings.length - 6 - 2

  expect(compared.kind === 'changed' && compared.changes.length).toBe(facts)
})

test('the sides may have different engines only when they were asked for', () => {
  const identity = {
    ...SAMPLE_IDENTITY,
    engines: { ...engines, candidate: { ...engines.candidate, version: '1.29.0' } }
  }

  expect(compareEngines(SAMPLE_IDENTITY, false)).toEqual({ kind: 'same' })
  expect(compareEngines(identity, true)).toEqual({ kind: 'same' })
  expect(compareEngines(identity, false)).toMatchObject({ kind: 'changed', changes: [{ what: 'ONNX Runtime' }] })
})

const stranger = { pid: 7, name: 'train.py', memoryBytes: 1, owner: 'foreign' } as const

test.each([
  [null, false, { kind: 'free' }],
  [[], false, { kind: 'free' }],
  [[stranger], false, { kind: 'refused', processes: [stranger] }],
  [[stranger], true, { kind: 'neighbours', processes: [stranger] }]
])('occupants %j on a GPU that is cut up (%s): %j', (processes, mig, verdict) => {
  expect(judgeOccupants(processes, mig)).toEqual(verdict)
})
