import { expect, test } from 'vitest'
import type { GpuSample } from '#workers/device/parse-gpu-sample.ts'
import { nameOwners, summariseGpuSamples, type TimedBlock } from '#workers/device/summarise-gpu-samples.ts'

const QUIET: GpuSample = {
  atMs: 0,
  smClockMHz: 1500,
  memoryClockMHz: 5000,
  temperatureC: 40,
  powerW: 100,
  utilisationShare: 0.5,
  memoryUsedBytes: 7,
  reasons: [],
  activeUs: {},
  eccErrors: null
}

const at = (atMs: number, changes: Partial<GpuSample> = {}): GpuSample => ({ ...QUIET, atMs, ...changes })
const span = (startMs: number, endMs: number, blocks: readonly TimedBlock[] = []) => ({ startMs, endMs, blocks })

test('only samples of the span count', () => {
  const reading = summariseGpuSamples(
    [at(0, { temperatureC: 90 }), at(100), at(200, { temperatureC: 50 }), at(300), at(500, { temperatureC: 90 })],
    span(100, 400),
    null
  )

  expect(reading).toMatchObject({
    samples: 3,
    problem: null,
    temperatureC: { lowest: 40, median: 40, highest: 50 },
    smClockMHz: { lowest: 1500, median: 1500, highest: 1500 }
  })
})

test('what no sample tells is null', () => {
  const reading = summariseGpuSamples([at(1, { powerW: null, utilisationShare: null })], span(0, 2), null)

  expect(reading).toMatchObject({ powerW: null, utilisationShare: null, eccErrors: null })
})

test('no sample is a problem, and the sampler knows better why', () => {
  expect(summariseGpuSamples([], span(0, 9), null)).toMatchObject({
    samples: 0,
    problem: expect.stringMatching(/no sample/)
  })
  expect(summariseGpuSamples([], span(0, 9), 'nvidia-smi ended').problem).toBe('nvidia-smi ended')
})

test('reasons are counted in samples of the span', () => {
  const samples = [at(0, { reasons: ['hw_thermal'] }), at(10, { reasons: ['sw_power_cap'] }), at(20), at(30)]

  expect(summariseGpuSamples(samples, span(5, 25), null).reasons).toEqual([
    { reason: 'sw_power_cap', samples: 1, activeUs: null }
  ])
})

test('counters see what happened between samples, and at the edges of the span', () => {
  const samples = [
    at(0, { activeUs: { hw_thermal: 100, sw_power_cap: 5 } }),
    at(10, { activeUs: { hw_thermal: 100, sw_power_cap: 5 } }),
    at(20, { activeUs: { hw_thermal: 100, sw_power_cap: 5 } }),
    at(30, { activeUs: { hw_thermal: 350, sw_power_cap: 5 } }),
    at(40, { activeUs: { hw_thermal: 900, sw_power_cap: 5 } })
  ]

  expect(summariseGpuSamples(samples, span(5, 25), null).reasons).toEqual([
    { reason: 'hw_thermal', samples: 0, activeUs: 250 }
  ])
  expect(summariseGpuSamples(samples.slice(0, 3), span(5, 25), null).reasons).toEqual([])
})

test('a counter that went back was set to zero', () => {
  const samples = [at(0, { activeUs: { hw_thermal: 100 } }), at(20, { activeUs: { hw_thermal: 3 } })]

  expect(summariseGpuSamples(samples, span(5, 25), null).reasons).toEqual([])
})

test('memory errors are those of the span', () => {
  const samples = [
    at(0, { eccErrors: { corrected: 2, uncorrected: 0 } }),
    at(10, { eccErrors: { corrected: 3, uncorrected: 1 } })
  ]

  expect(summariseGpuSamples(samples, span(5, 15), null).eccErrors).toEqual({ corrected: 1, uncorrected: 1 })
})

test('the clocks of a side are those of its long blocks', () => {
  const blocks: readonly TimedBlock[] = [
    { side: 'baseline', startMs: 0, endMs: 1000 },
    { side: 'candidate', startMs: 1000, endMs: 2000 }
  ]
  const samples = [300, 500, 700, 1050, 1300, 1500, 1700].map((atMs) =>
    at(atMs, { smClockMHz: atMs < 1000 ? 1500 : 1400 })
  )

  expect(summariseGpuSamples(samples, span(0, 2000, blocks), null).sideSmClockMHz).toEqual({
    baseline: 1500,
    candidate: 1400
  })
})

test('a sample just after a change of sides may be of either, and two are too few', () => {
  const blocks: readonly TimedBlock[] = [{ side: 'candidate', startMs: 1000, endMs: 2000 }]
  const samples = [at(1050), at(1300), at(1500)]

  expect(summariseGpuSamples(samples, span(0, 2000, blocks), null).sideSmClockMHz).toEqual({
    baseline: null,
    candidate: null
  })
})

test('blocks of 5 ms tell nothing about one side', () => {
  const blocks = Array.from(
    { length: 200 },
    (_, index): TimedBlock => ({
      side: index % 2 === 0 ? 'baseline' : 'candidate',
      startMs: index * 5,
      endMs: index * 5 + 5
    })
  )
  const samples = [100, 350, 600, 850].map((atMs) => at(atMs))

  expect(summariseGpuSamples(samples, span(0, 1000, blocks), null).sideSmClockMHz).toEqual({
    baseline: null,
    candidate: null
  })
})

const process = (pid: number) => ({ pid, name: 'p', memoryBytes: null })

test.each([
  [
    [10, 20],
    ['baseline', 'candidate']
  ],
  [
    [10, 20, 99],
    ['baseline', 'candidate', 'foreign']
  ],
  [[99], ['unknown']],
  [[], []]
])('processes %j belong to %j', (pids, owners) => {
  const named = nameOwners(pids.map(process), { baseline: [9, 10], candidate: [20] })

  expect(named.map(({ owner }) => owner)).toEqual(owners)
})
