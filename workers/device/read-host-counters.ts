import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CgroupFolder, CgroupThrottling } from './parse-cgroup.ts'
import { parseCpuClock, parseLoadAverage, parseMemoryAvailable } from './parse-host.ts'
import { type Pressure, parsePressure } from './parse-pressure.ts'
import { readThrottling } from './read-cgroup.ts'
import { type CpuTimes, readCpuTimes } from './read-steal.ts'

const CPUFREQ_FOLDER = '/sys/devices/system/cpu/cpufreq'

export const PRESSURES = ['cpu', 'memory', 'io'] as const
export type PressureName = (typeof PRESSURES)[number]

/** Counters of the machine at one moment, and what it is at that moment. Null where the system does not tell. */
export interface HostCounters {
  /** Monotonic. */
  readonly atMs: number
  readonly cpuTimes: CpuTimes | null
  readonly pressure: Readonly<Record<PressureName, Pressure | null>>
  readonly throttling: CgroupThrottling | null
  readonly loadAverage: number | null
  readonly memoryAvailableBytes: number | null
  readonly cpuClockMHz: number | null
}

/** A dozen small files; a millisecond or two, so between cases and never between blocks. */
export async function readHostCounters(nowMs: number, cgroup: readonly CgroupFolder[]): Promise<HostCounters> {
  const [cpuTimes, cpu, memory, io, throttling, loadavg, meminfo, cpuClockMHz] = await Promise.all([
    readCpuTimes(),
    readPressure('cpu'),
    readPressure('memory'),
    readPressure('io'),
    readThrottling(cgroup),
    readText('/proc/loadavg'),
    readText('/proc/meminfo'),
    readCpuClock()
  ])
  return {
    atMs: nowMs,
    cpuTimes,
    pressure: { cpu, memory, io },
    throttling,
    loadAverage: parseLoadAverage(loadavg),
    memoryAvailableBytes: parseMemoryAvailable(meminfo),
    cpuClockMHz
  }
}

async function readPressure(name: PressureName): Promise<Pressure | null> {
  return parsePressure(await readText(`/proc/pressure/${name}`))
}

async function readCpuClock(): Promise<number | null> {
  const names = await readdir(CPUFREQ_FOLDER).catch(() => [])
  const policies = names.filter((name) => /^policy\d+$/.test(name))
  const texts = await Promise.all(policies.map((name) => readText(join(CPUFREQ_FOLDER, name, 'scaling_cur_freq'))))
  return parseCpuClock(texts, texts.length === 0 ? await readText('/proc/cpuinfo') : '')
}

/** Some of these files exist and cannot be read: a kernel started without pressure information answers EOPNOTSUPP. */
function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
