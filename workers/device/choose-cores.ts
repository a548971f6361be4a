import { access, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import type { SideCommand } from '#workers/sandbox/side-command.ts'

/** Numbers of the cores that both sides of a launch may use; null where the system chooses. */
export type Cores = readonly number[] | null

export const TASKSET = '/usr/bin/taskset'

/** How long the cores are watched before a launch. Long enough for a few of the kernel's 10 ms ticks. */
const WATCH_MS = 100

/**
 * Both sides of a launch must run on the very same cores. Left to itself the system keeps each process on a core of its
 * own, and whatever disturbs one core then looks like a difference between the sides: identical models differed by up to
 * 27 % for a whole launch (docs/statistics.md "The same cores").
 *
 * @returns a function that picks the idlest cores for so many threads, or null where nothing can be chosen: no taskset,
 * not Linux, or as many threads as cores.
 */
export function createCoreChooser(): (threads: number) => Promise<Cores> {
  return async (threads) => {
    const allowed = await readAllowedCores()
    if (allowed === null || threads >= allowed.length || !(await exists(TASKSET))) return null
    const before = await readBusyTicks()
    await sleep(WATCH_MS)
    return pickIdlest(allowed, before, await readBusyTicks(), threads)
  }
}

/** Starts a command on the cores given. */
export function pinCommand(command: SideCommand, cores: Cores): SideCommand {
  if (cores === null) return command
  return { ...command, program: TASKSET, args: ['--cpu-list', cores.join(','), command.program, ...command.args] }
}

/** The cores that were least busy between two readings; of equally idle ones the highest number, away from core 0. */
export function pickIdlest(
  allowed: readonly number[],
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
  count: number
): number[] {
  const busy = (core: number) => (after.get(core) ?? 0) - (before.get(core) ?? 0)
  return allowed
    .toSorted((a, b) => busy(a) - busy(b) || b - a)
    .slice(0, count)
    .toSorted((a, b) => a - b)
}

/** `0-3,8` as numbers. */
export function parseCoreList(text: string): number[] {
  return text.split(',').flatMap((part) => {
    const [, low, high = low] = /^(\d+)(?:-(\d+))?$/.exec(part.trim()) ?? []
    const count = low === undefined ? 0 : Number(high) - Number(low) + 1
    return Array.from({ length: Math.max(0, count) }, (_, index) => Number(low) + index)
  })
}

/** Busy ticks of each core from the text of /proc/stat: everything but idle and iowait. */
export function parseBusyTicks(text: string): Map<number, number> {
  const busy = new Map<number, number>()
  for (const [, core, counters = ''] of text.matchAll(/^cpu(\d+) (.*)$/gm)) {
    const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = counters.split(' ').map(Number)
    busy.set(Number(core), user + nice + system + irq + softirq + steal)
  }
  return busy
}

/** The cores that this process may use, which a container or cgroup may have narrowed. */
export async function readAllowedCores(): Promise<number[] | null> {
  const status = await readFile('/proc/self/status', 'utf8').catch(() => '')
  const list = /^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1]
  return list === undefined ? null : parseCoreList(list)
}

/** {@link parseBusyTicks} of this machine, now. */
export async function readBusyTicks(): Promise<Map<number, number>> {
  return parseBusyTicks(await readFile('/proc/stat', 'utf8').catch(() => ''))
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  )
}
