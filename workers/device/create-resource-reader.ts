import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { SideResources } from '#contracts/environment.ts'
import { NS_PER_S } from '#contracts/units.ts'
import { listDescendants } from './list-descendants.ts'
import { parseProcessMemory, parseProcessStat } from './parse-process.ts'

/** Linux tells processor time in hundredths of a second to every program, whatever its own clock is [proc_stat(5)]. */
const NS_PER_TICK = NS_PER_S / 100

/** What a process and all below it hold and have used. Pages that several of them share count for each. */
export interface ResourceReading {
  readonly pids: readonly number[]
  readonly rssBytes: number
  /** Sum of the most that each of them ever held, so never less than the most that they held together. */
  readonly peakRssBytes: number
  readonly cpuTimeNs: number
}

export interface ResourceReader {
  /** Null when the process is gone, and where there is no /proc (macOS). */
  readonly read: () => Promise<ResourceReading | null>
}

/**
 * Reads a side's memory and processor time from outside, through /proc: nothing that the side says or does is believed, and
 * it takes no part. Make it when the process has started; each reading takes a millisecond or more, so not between blocks.
 *
 * @param procFolder in tests only
 */
export async function createResourceReader(pid: number, procFolder = '/proc'): Promise<ResourceReader> {
  const startTicks = (await readStat(procFolder, pid))?.startTicks ?? null
  return {
    read: async () => {
      // The number of a process that has ended is given to another one.
      const root = await readStat(procFolder, pid)
      if (root === null || startTicks === null || root.startTicks !== startTicks) return null
      const pids = await listDescendants(procFolder, pid)
      const readings = await Promise.all(pids.map((each) => readProcess(procFolder, each)))
      const found = readings.filter((reading) => reading !== null)
      if (found.length === 0) return null
      const sum = (value: (reading: ProcessReading) => number) => found.reduce((total, item) => total + value(item), 0)
      return {
        pids,
        rssBytes: sum(({ rssBytes }) => rssBytes),
        peakRssBytes: sum(({ peakRssBytes }) => peakRssBytes),
        cpuTimeNs: sum(({ cpuTicks }) => cpuTicks) * NS_PER_TICK
      }
    }
  }
}

interface ProcessReading {
  readonly rssBytes: number
  readonly peakRssBytes: number
  readonly cpuTicks: number
}

async function readProcess(procFolder: string, pid: number): Promise<ProcessReading | null> {
  const stat = await readStat(procFolder, pid)
  if (stat === null) return null
  const memory = parseProcessMemory(await readText(join(procFolder, `${pid}/status`)))
  const cpuTicks = stat.cpuTicks + stat.endedChildrenTicks
  return { rssBytes: memory?.rssBytes ?? 0, peakRssBytes: memory?.peakRssBytes ?? 0, cpuTicks }
}

async function readStat(procFolder: string, pid: number) {
  return parseProcessStat(await readText(join(procFolder, `${pid}/stat`)))
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}

/**
 * What a side took for one case, from readings around it.
 *
 * @param inferences successful ones of that side in between; requests of the warm-up count when they lie in between
 */
export function compareResources(
  before: ResourceReading | null,
  after: ResourceReading | null,
  inferences: number,
  gpuMemoryBytes: number | null
): SideResources {
  const cpuTimeNs = before === null || after === null ? null : Math.max(0, after.cpuTimeNs - before.cpuTimeNs)
  return {
    peakRssBytes: after?.peakRssBytes ?? null,
    steadyRssBytes: after?.rssBytes ?? null,
    cpuTimePerInferenceNs: cpuTimeNs === null || inferences <= 0 ? null : cpuTimeNs / inferences,
    gpuMemoryBytes
  }
}
