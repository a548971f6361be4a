import fc from 'fast-check'
import { expect, test } from 'vitest'
import { GpuIdentity, GpuProcess, GpuReading, HostReading } from '#contracts/environment.ts'
import { compareHostCounters } from '#workers/device/compare-host-counters.ts'
import {
  chooseFields,
  IDENTITY_FIELDS,
  parseFieldHelp,
  parseFieldRows,
  SAMPLE_FIELDS
} from '#workers/device/gpu-fields.ts'
import { listCgroupFolders, parseCpuMax, parseCpuStat } from '#workers/device/parse-cgroup.ts'
import { parseCudaVersion, parseGpuIdentity } from '#workers/device/parse-gpu-identity.ts'
import { parseGpuProcesses } from '#workers/device/parse-gpu-processes.ts'
import { parseGpuSample } from '#workers/device/parse-gpu-sample.ts'
import { parseCpuClock, parseLoadAverage, parseMemoryAvailable } from '#workers/device/parse-host.ts'
import { parseMigInstances } from '#workers/device/parse-mig-instances.ts'
import { parsePressure } from '#workers/device/parse-pressure.ts'
import { parseProcessMemory, parseProcessStat } from '#workers/device/parse-process.ts'
import { parseCpuTimes } from '#workers/device/read-steal.ts'
import { nameOwners, summariseGpuSamples } from '#workers/device/summarise-gpu-samples.ts'

/** A cell as a driver might have it, or as nobody expects it. */
const cell = fc.oneof(
  fc.constantFrom('[N/A]', '[Not Supported]', '-1', '0x00000000000001FF', '0xFFFFFFFFFFFFFFFF', 'Enabled', '1e400', ''),
  fc.integer({ min: -5, max: 1_000_000 }).map(String),
  fc.bigInt().map(String),
  fc.double({ noNaN: true }).map(String),
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[,\n]/g, ''))
)
const rows = (count: number) =>
  fc.array(fc.array(cell, { minLength: count, maxLength: count }).map((cells) => cells.join(', ')))

test('whatever a driver says, readings fit the contract', () => {
  const names = Object.values(SAMPLE_FIELDS).map(([name]) => name)
  const chosen = chooseFields(SAMPLE_FIELDS, new Set(names))

  fc.assert(
    fc.property(rows(chosen.length), (lines) => {
      const samples = parseFieldRows(lines.join('\n'), chosen).map((row, index) => parseGpuSample(row, index * 100))
      const blocks = [{ side: 'baseline' as const, startMs: 0, endMs: 800 }]
      const reading = summariseGpuSamples(samples, { startMs: 50, endMs: 900, blocks }, null)
      expect(() => GpuReading.parse({ ...reading, processes: null })).not.toThrow()
    })
  )
})

test('whatever a driver says, identities fit the contract', () => {
  const chosen = chooseFields(IDENTITY_FIELDS, new Set(Object.values(IDENTITY_FIELDS).map(([name]) => name)))

  fc.assert(
    fc.property(rows(chosen.length), fc.string(), (lines, head) => {
      for (const row of parseFieldRows(lines.join('\n'), chosen)) {
        const identity = parseGpuIdentity(row, parseCudaVersion(head))
        if (identity !== null) expect(() => GpuIdentity.parse(identity)).not.toThrow()
      }
    })
  )
})

test('whatever a process is called, it is listed, in one line', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), fc.nat(), (name, pid) => {
      const line = `GPU-1c2f8a36-0d5b-4e0e-9f1a-6b7c5d4e3f20, ${pid}, 12, ${name.replaceAll('\n', ' ')}`
      const [listed] = nameOwners(parseGpuProcesses(line), { baseline: [], candidate: [] })
      expect(listed?.pid).toBe(pid)
      expect(() => GpuProcess.parse(listed)).not.toThrow()
      expect(listed?.name).not.toMatch(/[\p{Cc}\p{Zl}\p{Zp}]/u)
    })
  )
})

/** Lines of the files of /proc and /sys with anything in the place of their numbers. */
const line = fc
  .tuple(
    fc.constantFrom(
      'cpu ',
      'some avg10=# avg60=0 avg300=0 total=#',
      'nr_periods #\nnr_throttled #\nthrottled_usec #',
      '# # #',
      'MemAvailable: # kB',
      'cpu MHz : #',
      '0::/#',
      'GPU #: (UUID: GPU-#)\n  MIG # Device #: (UUID: MIG-#)',
      'VmRSS: # kB\nVmHWM: # kB'
    ),
    fc.oneof(fc.nat().map(String), fc.bigInt({ min: 0n }).map(String), fc.string({ unit: 'binary' }))
  )
  .map(([form, value]) => form.replaceAll('#', value))

test('no file of the system makes a parser fail, or a reading that does not fit', () => {
  fc.assert(
    fc.property(fc.array(line), fc.array(line), (first, second) => {
      const [before, after] = [first, second].map((lines, index) => {
        const text = lines.join('\n')
        const pressure = parsePressure(text)
        return {
          atMs: index * 1000,
          cpuTimes: parseCpuTimes(text),
          pressure: { cpu: pressure, memory: pressure, io: null },
          throttling: parseCpuStat(text),
          loadAverage: parseLoadAverage(text),
          memoryAvailableBytes: parseMemoryAvailable(text),
          cpuClockMHz: parseCpuClock(lines, text)
        }
      })
      expect(() => HostReading.parse(compareHostCounters(before!, after!))).not.toThrow()
      for (const parse of [parseCpuMax, parseProcessStat, parseProcessMemory, parseMigInstances, parseFieldHelp]) {
        expect(() => parse(first.join('\n'))).not.toThrow()
      }
      expect(listCgroupFolders(first.join('\n'), '/cg').every(({ folder }) => !folder.split('/').includes('..'))).toBe(
        true
      )
    })
  )
})
