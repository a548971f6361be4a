const CGROUP_MOUNT = '/sys/fs/cgroup'
const US_PER_NS = 1 / 1000

/** What a cgroup's CPU quota did since the group was made. */
export interface CgroupThrottling {
  readonly periods: number
  readonly throttledPeriods: number
  readonly throttledUs: number
}

/** Where the files of this process's CPU group may lie. */
export interface CgroupFolder {
  readonly version: 1 | 2
  readonly folder: string
}

/**
 * The folders of the group and of all groups around it, innermost first, from the text of /proc/self/cgroup: a quota of any of
 * them holds. A container often names a path of its host, which is not there inside; the mount point then stands for it.
 *
 * @param mount in tests only
 */
export function listCgroupFolders(text: string, mount: string = CGROUP_MOUNT): CgroupFolder[] {
  return text.split('\n').flatMap((line): CgroupFolder[] => {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? []
    if (controllers === undefined || path === undefined || path.split('/').includes('..')) return []
    if (controllers === '') return listAncestors(path).map((folder) => ({ version: 2, folder: `${mount}${folder}` }))
    if (!controllers.split(',').includes('cpu')) return []
    return listAncestors(path).map((folder) => ({ version: 1, folder: `${mount}/cpu${folder}` }))
  })
}

/** `/a/b` as `/a/b`, `/a` and the root, written as nothing. */
function listAncestors(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '')
  return Array.from({ length: names.length + 1 }, (_, index) =>
    names
      .slice(0, names.length - index)
      .map((name) => `/${name}`)
      .join('')
  )
}

/** A cpu.stat file of either version; null where the group has no counters of throttling. */
export function parseCpuStat(text: string): CgroupThrottling | null {
  const read = (name: string): number | null => {
    const value = new RegExp(`^${name} (\\d+)$`, 'm').exec(text)?.[1]
    return value === undefined || !Number.isSafeInteger(Number(value)) ? null : Number(value)
  }
  const periods = read('nr_periods')
  const throttledPeriods = read('nr_throttled')
  if (periods === null || throttledPeriods === null) return null
  const throttledUs = read('throttled_usec') ?? (read('throttled_time') ?? 0) * US_PER_NS
  return { periods, throttledPeriods, throttledUs }
}

/** Cores' worth of time from a cpu.max file (version 2); null without a quota. */
export function parseCpuMax(text: string): number | null {
  const [, quota, period] = /^(\d+) (\d+)\s*$/.exec(text) ?? []
  return divide(quota, period)
}

/** The same from cpu.cfs_quota_us and cpu.cfs_period_us (version 1), where a quota of -1 is none. */
export function parseCfsQuota(quotaText: string, periodText: string): number | null {
  return divide(/^(\d+)\s*$/.exec(quotaText)?.[1], /^(\d+)\s*$/.exec(periodText)?.[1])
}

function divide(quota: string | undefined, period: string | undefined): number | null {
  const cores = Number(quota) / Number(period)
  return Number.isFinite(cores) && cores > 0 ? cores : null
}
