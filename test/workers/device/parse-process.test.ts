import { expect, test } from 'vitest'
import { compareResources, type ResourceReading } from '#workers/device/create-resource-reader.ts'
import { parseProcessMemory, parseProcessStat } from '#workers/device/parse-process.ts'

/** Fields 3 to 22 of proc_pid_stat(5), with 11 user, 12 kernel, 13 and 14 of ended children. */
const REST = 'S 41 42 42 0 -1 4194560 100 0 0 0 11 12 13 14 20 0 7 0 5555 999 12'

test.each([`43 (node) ${REST}\n`, `43 (a) S 1 2 3 (b) ${REST}\n`, `43 (line\nbreak)) ${REST}\n`, `43 () ${REST}`])(
  'the name of a process cannot move its numbers: %j',
  (text) => {
    expect(parseProcessStat(text)).toEqual({ parentPid: 41, cpuTicks: 23, endedChildrenTicks: 27, startTicks: 5555 })
  }
)

test.each(['', '43 node S 41', '43 (node) S 41 x', '43 (node)'])('%j is no process', (text) => {
  expect(parseProcessStat(text)).toBeNull()
})

test('memory, and a process that has none any more', () => {
  const status = 'Name:\tnode\nVmPeak:\t  900 kB\nVmHWM:\t    120 kB\nVmRSS:\t     100 kB\nThreads:\t1\n'

  expect(parseProcessMemory(status)).toEqual({ rssBytes: 102_400, peakRssBytes: 122_880 })
  expect(parseProcessMemory('Name:\tVmRSS: 7 kB\nState:\tZ (zombie)\n')).toBeNull()
})

const reading = (cpuTimeNs: number): ResourceReading => ({ pids: [1], rssBytes: 5, peakRssBytes: 9, cpuTimeNs })

test.each([
  [reading(100), reading(1100), 10, 100],
  [reading(100), reading(1100), 0, null],
  [reading(100), reading(50), 10, 0],
  [null, reading(1100), 10, null]
])('time per inference %#', (before, after, inferences, cpuTimePerInferenceNs) => {
  expect(compareResources(before, after, inferences, 3)).toEqual({
    peakRssBytes: 9,
    steadyRssBytes: 5,
    cpuTimePerInferenceNs,
    gpuMemoryBytes: 3
  })
})

test('a side that is gone took nothing that is known', () => {
  expect(compareResources(reading(1), null, 10, null)).toEqual({
    peakRssBytes: null,
    steadyRssBytes: null,
    cpuTimePerInferenceNs: null,
    gpuMemoryBytes: null
  })
})
