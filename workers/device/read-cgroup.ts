import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import {
  type CgroupFolder,
  type CgroupThrottling,
  listCgroupFolders,
  parseCfsQuota,
  parseCpuMax,
  parseCpuStat
} from './parse-cgroup.ts'

/** The CPU groups that this process is in; empty outside Linux. The paths are given in tests alone. */
export async function findCgroupFolders(path = '/proc/self/cgroup', mount?: string): Promise<CgroupFolder[]> {
  return listCgroupFolders(await readText(path), mount)
}

/** Counters of all groups together, so that differences of two readings count; null where none has any. */
export async function readThrottling(folders: readonly CgroupFolder[]): Promise<CgroupThrottling | null> {
  const stats = await Promise.all(folders.map(({ folder }) => readText(join(folder, 'cpu.stat'))))
  const found = stats.map(parseCpuStat).filter((stat) => stat !== null)
  if (found.length === 0) return null
  return found.reduce((sum, stat) => ({
    periods: sum.periods + stat.periods,
    throttledPeriods: sum.throttledPeriods + stat.throttledPeriods,
    throttledUs: sum.throttledUs + stat.throttledUs
  }))
}

/** Cores' worth of time that the tightest quota allows; null without one. */
export async function readQuotaCores(folders: readonly CgroupFolder[]): Promise<number | null> {
  const quotas = await Promise.all(folders.map(readQuota))
  const found = quotas.filter((quota) => quota !== null)
  return found.length === 0 ? null : Math.min(...found)
}

async function readQuota({ version, folder }: CgroupFolder): Promise<number | null> {
  if (version === 2) return parseCpuMax(await readText(join(folder, 'cpu.max')))
  return parseCfsQuota(
    await readText(join(folder, 'cpu.cfs_quota_us')),
    await readText(join(folder, 'cpu.cfs_period_us'))
  )
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
