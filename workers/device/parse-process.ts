/** One process as /proc/<pid>/stat tells it. */
export interface ProcessStat {
  readonly parentPid: number
  /** User and kernel time of all its threads, those that have ended included. */
  readonly cpuTicks: number
  /** The same of its children that have ended and were waited for. */
  readonly endedChildrenTicks: number
  /** When it started, in ticks since the machine did. A process id is used again, together with this it is not. */
  readonly startTicks: number
}

/** Places after the name in /proc/<pid>/stat, counted from the state [proc_pid_stat(5), fields 4, 14 to 17 and 22]. */
const PARENT = 1
const USER = 11
const KERNEL = 12
const CHILDREN_USER = 13
const CHILDREN_KERNEL = 14
const START = 19

/** The name stands in parentheses and is the process's own choice: it may hold spaces, parentheses and line breaks. */
export function parseProcessStat(text: string): ProcessStat | null {
  const end = text.lastIndexOf(')')
  if (end === -1) return null
  const fields = text
    .slice(end + 1)
    .trim()
    .split(' ')
  const read = (place: number) => Number(fields[place])
  const stat = {
    parentPid: read(PARENT),
    cpuTicks: read(USER) + read(KERNEL),
    endedChildrenTicks: read(CHILDREN_USER) + read(CHILDREN_KERNEL),
    startTicks: read(START)
  }
  return Object.values(stat).every(Number.isFinite) ? stat : null
}

export interface ProcessMemory {
  readonly rssBytes: number
  /** The most it ever was. */
  readonly peakRssBytes: number
}

const BYTES_PER_KIB = 1024

/** VmRSS and VmHWM of /proc/<pid>/status; null for a process that has ended and was not waited for yet. */
export function parseProcessMemory(text: string): ProcessMemory | null {
  const read = (name: string) => new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]
  const [rss, peak] = [read('VmRSS'), read('VmHWM')]
  if (rss === undefined || peak === undefined) return null
  return { rssBytes: Number(rss) * BYTES_PER_KIB, peakRssBytes: Number(peak) * BYTES_PER_KIB }
}
