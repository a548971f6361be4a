import { expect, test } from 'vitest'
import type { CaseSpec } from '#contracts/case.ts'
import type { EnvironmentReading } from '#contracts/environment.ts'
import { DEFAULT_GATE_LIMITS } from '#src/environment/gate-limits.ts'
import { judgeReading } from '#src/environment/judge-reading.ts'
import { caseSpec, TINY_MEASURING } from '#test/fixtures/measuring/small-job.ts'
import { MachineChangedError } from '#workers/device/machine-changed-error.ts'
import type { SideDevice } from '#workers/device/side-device.ts'
import type { MachineWatch } from '#workers/measure/machine-watch.ts'
import { measureCases } from '#workers/measure/measure-cases.ts'
import { simulateMachine } from './simulate-machine.ts'

const MEASURING = { ...TINY_MEASURING, looks: [3] }
const GPU = { id: 'GPU-1', deviceId: 0, environment: {}, devicePaths: [], readOnlyPaths: [] }

interface Met {
  /** SM clock of the candidate; the baseline's is 1000 MHz. */
  readonly candidateMHz?: number
  readonly stranger?: boolean
}

function reading({ candidateMHz = 1000, stranger = false }: Met): EnvironmentReading {
  const throttling = null
  const pressure = { cpu: null, memory: null, io: null }
  const nothing = { loadAverage: null, stealShare: null, memoryAvailableBytes: null, cpuClockMHz: null }
  const process = { pid: 9, name: '/usr/bin/train', memoryBytes: null, owner: 'foreign' } as const
  return {
    startMs: 0,
    endMs: 1,
    host: { ...nothing, pressure, throttling },
    gpu: {
      samples: 9,
      problem: null,
      smClockMHz: null,
      sideSmClockMHz: { baseline: 1000, candidate: candidateMHz },
      memoryClockMHz: null,
      temperatureC: null,
      powerW: null,
      utilisationShare: null,
      memoryUsedBytes: null,
      reasons: [],
      eccErrors: null,
      processes: stranger ? [process] : []
    }
  }
}

/** Meets one thing after the other, and then nothing of note. */
function meet(met: readonly Met[], changes: Partial<MachineWatch> = {}) {
  const left = [...met]
  const watched: (string | null)[] = []
  const machine: MachineWatch = {
    watch: async (device) => {
      watched.push(device?.id ?? null)
      const found = reading(left.shift() ?? {})
      return { end: async () => undefined, read: () => found }
    },
    settle: async () => undefined,
    judge: (_device, found) => judgeReading(found, false, DEFAULT_GATE_LIMITS),
    checkIdentity: async () => undefined,
    ...changes
  }
  return { machine, watched }
}

function measure(machine: MachineWatch, deviceOf: (spec: CaseSpec) => SideDevice | null = () => GPU) {
  const simulated = simulateMachine([{}, {}])
  const findDevices = async (spec: CaseSpec) => ({ baseline: deviceOf(spec), candidate: deviceOf(spec) })
  const cases = [caseSpec('one'), caseSpec('two')]
  const measuring = measureCases({ ...simulated.deps, machine, findDevices }, { cases, measuring: MEASURING })
  return { measuring, launches: simulated.launches }
}

function launchesOf(result: Awaited<ReturnType<typeof measure>['measuring']>[number] | undefined) {
  if (result?.status !== 'measured') throw new Error(JSON.stringify(result))
  const { blocks, environment = [] } = result
  return { measured: new Set(blocks.map(({ launch }) => launch)), read: environment.map(({ launch }) => launch) }
}

test('every case of every round has its reading', async () => {
  const { machine, watched } = meet([])
  const results = await measure(machine).measuring

  expect(watched).toHaveLength(6)
  for (const result of results) expect(launchesOf(result)).toEqual({ measured: new Set([0, 1, 2]), read: [0, 1, 2] })
})

test('a case whose sides met different clocks is measured once more, alone and under the same number', async () => {
  const { machine } = meet([{ candidateMHz: 1100 }])
  const { measuring, launches } = measure(machine)
  const results = await measuring

  expect(launches.map(({ length }) => length)).toEqual([2, 1, 2, 2])
  const again = results.map((result) => launchesOf(result).read.length)
  expect(again.toSorted()).toEqual([3, 4])
  const blocks = results.map((result) => (result.status === 'measured' ? result.blocks : []))
  const ofFirst = blocks.map((each) => each.filter(({ launch, quad }) => launch === 0 && quad === 0).length)
  expect(ofFirst).toEqual([4, 4])
})

test('it is not tried a third time', async () => {
  const { machine } = meet([
    { candidateMHz: 1100 },
    { candidateMHz: 1100 },
    { candidateMHz: 1100 },
    { candidateMHz: 1100 }
  ])
  const { measuring, launches } = measure(machine)
  await measuring

  expect(launches.map(({ length }) => length)).toEqual([2, 2, 2, 2])
})

test('a case is given up when somebody else is on its GPU, and the other goes on', async () => {
  const { machine } = meet([{ stranger: true }])
  const results = await measure(machine).measuring

  const refused = results.filter(({ status }) => status === 'not_measured')
  expect(refused).toHaveLength(1)
  expect(refused[0]).toMatchObject({
    failure: { code: 'device_unavailable', message: 'Another process computes on the GPU: /usr/bin/train (process 9).' }
  })
})

test('cases on a GPU and on the processor are in different launches, and watched as such', async () => {
  const { machine, watched } = meet([])
  const { measuring, launches } = measure(machine, ({ model }) => (model === 'one' ? GPU : null))
  await measuring

  expect(launches.map(({ length }) => length)).toEqual([1, 1, 1, 1, 1, 1])
  expect(watched.toSorted()).toEqual(['GPU-1', 'GPU-1', 'GPU-1', null, null, null])
})

test('a machine that changes ends the measuring', async () => {
  let looks = 0
  const change = { what: 'the GPU’s driver', was: '570.1', is: '580.2' }
  const { machine } = meet([], {
    checkIdentity: async () => {
      looks += 1
      if (looks === 3) throw new MachineChangedError([change])
    }
  })

  await expect(measure(machine).measuring).rejects.toThrow('the GPU’s driver was 570.1 and is 580.2')
  expect(looks).toBe(3)
})
