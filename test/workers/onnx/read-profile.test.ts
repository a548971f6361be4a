import { describe, expect, test } from 'vitest'
import { type Profile, ProfileReading } from '#contracts/graph.ts'
import { midmean } from '#workers/onnx/midmean.ts'
import { parseProfile, profiledRequests } from '#workers/onnx/parse-profile.ts'
import { readProfile } from '#workers/onnx/read-profile.ts'

interface Kernel {
  readonly name: string
  readonly type?: string
  readonly provider?: string
  readonly ts: number
  readonly dur: number
  readonly tid?: number
}

/** One line as ONNX Runtime 1.30 writes it, spaces and all; the name as it is. */
function kernel({ name, type = 'MatMul', provider = 'CPUExecutionProvider', ts, dur, tid = 7 }: Kernel): string {
  return `{"cat" : "Node","pid" :1,"tid" :${tid},"dur" :${dur},"ts" :${ts},"ph" : "X","name" :"${name}_kernel_time","args" : {"op_name" : "${type}","provider" : "${provider}","node_index" : "0"}},`
}

function session(name: string, ts: number, dur: number): string {
  return `{"cat" : "Session","pid" :1,"tid" :7,"dur" :${dur},"ts" :${ts},"ph" : "X","name" :"${name}","args" : {}},`
}

/** Requests of 100 us, one after the other, with the same kernels in each. */
function requests(count: number, kernels: readonly Kernel[]): string[] {
  return Array.from({ length: count }, (_, index) => [
    ...kernels.map((given) => kernel({ ...given, ts: given.ts + 1000 * index })),
    session('model_run', 1000 * index, 100)
  ]).flat()
}

function profileOf(lines: readonly string[], wallsNs: readonly number[] = []): Profile {
  const reading = ProfileReading.parse(readProfile({ ...parseProfile(['[', ...lines, ']', '']), wallsNs }))
  if (reading.kind !== 'read') throw new Error(reading.problem)
  return reading.profile
}

describe('a profile', () => {
  test('gives time and calls per request, the longest first', () => {
    const { operators, requests: counted } = profileOf(
      requests(6, [
        { name: 'a', ts: 1, dur: 10 },
        { name: 'b', type: 'Relu', ts: 20, dur: 30 },
        { name: 'a', ts: 60, dur: 10 }
      ])
    )

    expect(counted).toBe(4)
    expect(operators.listed).toEqual([
      { type: 'Relu', provider: 'CPUExecutionProvider', nodes: 1, callsPerRequest: 1, timeNs: 30_000 },
      { type: 'MatMul', provider: 'CPUExecutionProvider', nodes: 1, callsPerRequest: 2, timeNs: 20_000 }
    ])
    expect(operators.slowest).toEqual([
      { node: 'b', type: 'Relu', provider: 'CPUExecutionProvider', timeNs: 30_000 },
      { node: 'a', type: 'MatMul', provider: 'CPUExecutionProvider', timeNs: 20_000 }
    ])
  })

  test('leaves the first requests out', () => {
    const slow = [kernel({ name: 'a', ts: -2000, dur: 900 }), session('model_run', -2001, 950)]

    const { operators, modelRunNs } = profileOf([...slow, ...slow, ...requests(2, [{ name: 'a', ts: 1, dur: 10 }])])

    expect(modelRunNs).toBe(100_000)
    expect(operators.listed[0]?.timeNs).toBe(10_000)
  })

  test('of one request has that one', () => {
    expect(profileOf(requests(1, [{ name: 'a', ts: 1, dur: 10 }])).requests).toBe(1)
  })

  test('counts a loop without its body', () => {
    const { operators } = profileOf(
      requests(3, [
        { name: 'inner', type: 'Sin', ts: 15, dur: 20 },
        { name: 'inner', type: 'Sin', ts: 40, dur: 20 },
        { name: 'after', type: 'Add', ts: 80, dur: 5 },
        { name: 'loop', type: 'Loop', ts: 10, dur: 60 }
      ])
    )

    expect(operators.listed.map(({ type, timeNs }) => [type, timeNs])).toEqual([
      ['Sin', 40_000],
      ['Loop', 20_000],
      ['Add', 5000]
    ])
  })

  test('does not take what another thread does at the same time for a body', () => {
    const { operators } = profileOf(
      requests(3, [
        { name: 'long', ts: 10, dur: 60 },
        { name: 'short', type: 'Relu', ts: 20, dur: 20, tid: 8 }
      ])
    )

    expect(operators.listed.map(({ timeNs }) => timeNs)).toEqual([60_000, 20_000])
  })

  test('tells which provider ran what', () => {
    const { operators } = profileOf(
      requests(3, [
        { name: 'a', provider: 'CUDAExecutionProvider', ts: 1, dur: 10 },
        { name: 'b', provider: 'CUDAExecutionProvider', ts: 20, dur: 10 },
        { name: 'c', ts: 40, dur: 5 }
      ])
    )

    expect(operators.listed).toMatchObject([
      { type: 'MatMul', provider: 'CUDAExecutionProvider', nodes: 2, timeNs: 20_000 },
      { type: 'MatMul', provider: 'CPUExecutionProvider', nodes: 1, timeNs: 5000 }
    ])
  })

  test('tells the phases of loading', () => {
    const { load } = profileOf([
      session('model_loading_uri', 0, 300),
      session('session_initialization', 310, 700),
      ...requests(1, [])
    ])

    expect(load).toEqual({ modelLoadingNs: 300_000, sessionInitializationNs: 700_000 })
    expect(profileOf(requests(1, [])).load).toEqual({ modelLoadingNs: null, sessionInitializationNs: null })
  })

  test('has the time of the whole call where it was taken for every request', () => {
    expect(profileOf(requests(3, []), [9e6, 9e6, 150_000]).wallNs).toBe(150_000)
    expect(profileOf(requests(3, []), [9e6]).wallNs).toBeNull()
  })

  test('without a request is unreadable', () => {
    expect(readProfile({ ...parseProfile(['[', ']']), wallsNs: [] })).toMatchObject({ kind: 'unreadable' })
  })
})

describe('a hostile node name', () => {
  const names = [
    'quo"te',
    'back\\slash',
    'two\nlines',
    '{"cat" : "Node',
    'control\u0001',
    '`md` | <b>',
    'x'.repeat(10_000)
  ]

  test.each(names)('%j is kept, cut to a bound', (name) => {
    const lines = requests(3, [{ name, ts: 1, dur: 10 }]).flatMap((line) => line.split('\n'))

    const profile = profileOf(lines)

    expect(profile.operators.slowest).toMatchObject([{ node: name.slice(0, 200), timeNs: 10_000 }])
    expect(profile.damagedEvents).toBe(0)
  })

  test('that cannot be told from an event costs that event only', () => {
    const name = 'x\n{"cat" : "Node","pid" :1'
    const lines = requests(3, [
      { name, ts: 1, dur: 10 },
      { name: 'sound', ts: 20, dur: 5 }
    ]).flatMap((line) => line.split('\n'))

    const profile = profileOf(lines)

    expect(profile.operators.slowest.map(({ node }) => node)).toContain('sound')
    expect(profile.damagedEvents).toBeGreaterThan(0)
  })
})

test('a profile that is cut off has what came before', () => {
  const lines = [...requests(4, [{ name: 'a', ts: 1, dur: 10 }]), '{"cat" : "Node","pid" :1,"ti']

  expect(profileOf(lines)).toMatchObject({ requests: 2, damagedEvents: 1 })
})

test('an event with other fields than expected is damaged, not trusted', () => {
  const bad = kernel({ name: 'a', ts: 1, dur: -5 })

  expect(profileOf([bad, ...requests(1, [])])).toMatchObject({ damagedEvents: 1, operators: { listed: [] } })
})

test('thousands of operators are listed in part and added up', () => {
  const kernels = Array.from({ length: 1000 }, (_, index) => ({
    name: `n${index}`,
    type: `T${index}`,
    ts: 1,
    dur: 1,
    tid: index
  }))

  const { operators } = profileOf(requests(1, kernels))

  expect(operators.listed).toHaveLength(100)
  expect(operators.unlisted).toEqual({ nodes: 900, timeNs: 900_000 })
  expect(operators.slowest).toHaveLength(30)
})

test('more nodes mean fewer profiled requests', () => {
  expect([0, 1, 2000, 4000, 1e6].map(profiledRequests)).toEqual([20, 20, 20, 10, 4])
})

test('the midmean leaves a quarter out at each end', () => {
  expect(midmean([])).toBe(0)
  expect(midmean([5])).toBe(5)
  expect(midmean([1, 2, 4, 1000])).toBe(3)
  expect(midmean([3, 3, 3, 4, 4, 4, 4, 4000])).toBe(3.75)
})
