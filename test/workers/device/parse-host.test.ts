import { expect, test } from 'vitest'
import { compareHostCounters } from '#workers/device/compare-host-counters.ts'
import { listCgroupFolders, parseCfsQuota, parseCpuMax, parseCpuStat } from '#workers/device/parse-cgroup.ts'
import {
  formatCoreList,
  parseCpuClock,
  parseLoadAverage,
  parseMemoryAvailable,
  parseMicrocode
} from '#workers/device/parse-host.ts'
import { parsePressure } from '#workers/device/parse-pressure.ts'
import type { HostCounters } from '#workers/device/read-host-counters.ts'

test.each([
  [
    'some avg10=0.50 avg60=2.15 avg300=4.18 total=4799219586\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=0\n',
    { stalledUs: 4_799_219_586, avg10Share: 0.005 }
  ],
  // Before Linux 5.13 the processor's pressure has no second line.
  ['some avg10=12.00 avg60=1.00 avg300=0.10 total=7\n', { stalledUs: 7, avg10Share: 0.12 }],
  ['', null],
  ['some avg10=x avg60=1.00 avg300=0.10 total=7\n', null]
])('pressure %#', (text, pressure) => {
  expect(parsePressure(text)).toEqual(pressure)
})

test.each([
  // cgroup v2, Linux 6
  [
    'usage_usec 10\nuser_usec 7\nsystem_usec 3\nnr_periods 100\nnr_throttled 4\nthrottled_usec 81234\nnr_bursts 0\nburst_usec 0\n',
    { periods: 100, throttledPeriods: 4, throttledUs: 81_234 }
  ],
  // cgroup v1 counts in nanoseconds
  ['nr_periods 7\nnr_throttled 2\nthrottled_time 5000000\n', { periods: 7, throttledPeriods: 2, throttledUs: 5000 }],
  // the root group of v2
  ['usage_usec 10\nuser_usec 7\nsystem_usec 3\n', null],
  ['', null]
])('cpu.stat %#', (text, throttling) => {
  expect(parseCpuStat(text)).toEqual(throttling)
})

test.each([
  ['150000 100000\n', 1.5],
  ['max 100000\n', null],
  ['0 100000\n', null],
  ['', null]
])('cpu.max %j allows %s cores', (text, cores) => {
  expect(parseCpuMax(text)).toBe(cores)
})

test.each([
  ['200000\n', '100000\n', 2],
  ['-1\n', '100000\n', null],
  ['200000\n', '', null],
  ['200000\n', '0\n', null]
])('a quota of %j in %j allows %s cores', (quota, period, cores) => {
  expect(parseCfsQuota(quota, period)).toBe(cores)
})

test('a group has the quotas of all groups around it', () => {
  expect(listCgroupFolders('0::/system.slice/worker.service\n', '/cg')).toEqual([
    { version: 2, folder: '/cg/system.slice/worker.service' },
    { version: 2, folder: '/cg/system.slice' },
    { version: 2, folder: '/cg' }
  ])
  expect(listCgroupFolders('4:memory:/a\n2:cpu,cpuacct:/docker/1\n0::/\n', '/cg')).toEqual([
    { version: 1, folder: '/cg/cpu/docker/1' },
    { version: 1, folder: '/cg/cpu/docker' },
    { version: 1, folder: '/cg/cpu' },
    { version: 2, folder: '/cg' }
  ])
})

test('a group outside of what this process sees is not looked for', () => {
  expect(listCgroupFolders('0::/../../host\n', '/cg')).toEqual([])
})

test('load, memory, clock and microcode', () => {
  expect(parseLoadAverage('0.52 0.45 0.77 2/109 23831\n')).toBe(0.52)
  expect(parseLoadAverage('')).toBeNull()
  expect(parseMemoryAvailable('MemTotal: 5 kB\nMemAvailable:    2048 kB\n')).toBe(2_097_152)
  expect(parseMemoryAvailable('MemTotal: 5 kB\n')).toBeNull()
  expect(parseCpuClock(['2400000\n', '2600000\n'], '')).toBe(2500)
  expect(parseCpuClock(['<unknown>\n'], 'cpu MHz\t\t: 2596.126\ncpu MHz\t\t: 2600.126\n')).toBe(2598.126)
  expect(parseCpuClock([], '')).toBeNull()
  expect(parseMicrocode('processor\t: 0\nmicrocode\t: 0x1000065\n')).toBe('0x1000065')
  expect(parseMicrocode('Processor: ARM\n')).toBeNull()
})

test.each([
  [[0], '0'],
  [[3, 1, 2, 8, 2], '1-3,8'],
  [[], '']
])('cores %j are written %j', (cores, text) => {
  expect(formatCoreList(cores)).toBe(text)
})

const BEFORE: HostCounters = {
  atMs: 1000,
  cpuTimes: { totalTicks: 1000, stolenTicks: 10 },
  pressure: { cpu: { stalledUs: 100, avg10Share: 0 }, memory: null, io: { stalledUs: 5, avg10Share: 0 } },
  throttling: { periods: 50, throttledPeriods: 1, throttledUs: 900 },
  loadAverage: 0.1,
  memoryAvailableBytes: 7,
  cpuClockMHz: 2000
}

test('a reading is the difference of two, and the state at the end', () => {
  const after: HostCounters = {
    atMs: 2000,
    cpuTimes: { totalTicks: 1200, stolenTicks: 14 },
    pressure: { cpu: { stalledUs: 250_100, avg10Share: 0.03 }, memory: null, io: { stalledUs: 5, avg10Share: 0 } },
    throttling: { periods: 60, throttledPeriods: 3, throttledUs: 40_900 },
    loadAverage: 1.2,
    memoryAvailableBytes: 5,
    cpuClockMHz: 3000
  }

  expect(compareHostCounters(BEFORE, after)).toEqual({
    loadAverage: 1.2,
    stealShare: 0.02,
    pressure: {
      cpu: { stalledShare: 0.25, avg10Share: 0.03 },
      memory: null,
      io: { stalledShare: 0, avg10Share: 0 }
    },
    throttling: { periods: 10, throttledPeriods: 2, throttledUs: 40_000 },
    memoryAvailableBytes: 5,
    cpuClockMHz: 3000
  })
})

test('counters that went back, and no time between two readings, make no nonsense', () => {
  const reading = compareHostCounters(BEFORE, {
    ...BEFORE,
    throttling: { periods: 1, throttledPeriods: 0, throttledUs: 0 }
  })

  expect(reading).toMatchObject({
    stealShare: null,
    pressure: { cpu: null },
    throttling: { periods: 0, throttledPeriods: 0, throttledUs: 0 }
  })
})
