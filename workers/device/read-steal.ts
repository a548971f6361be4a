import { readFile } from 'node:fs/promises'

/** Ticks of all cores together since the machine started. */
export interface CpuTimes {
  readonly totalTicks: number
  /** Time that this virtual machine wanted to run and its host gave to others. */
  readonly stolenTicks: number
}

/** user nice system idle iowait irq softirq steal [proc_stat(5)]. What follows, guests' time, is in `user` already. */
const COUNTED_FIELDS = 8
const STEAL_FIELD = 7

/** The first line of /proc/stat; null where there is none. */
export function parseCpuTimes(text: string): CpuTimes | null {
  const counters = /^cpu +(\d+(?: \d+)*)/m.exec(text)?.[1]?.split(' ').map(Number)
  if (counters === undefined) return null
  const totalTicks = counters.slice(0, COUNTED_FIELDS).reduce((sum, ticks) => sum + ticks, 0)
  return { totalTicks, stolenTicks: counters[STEAL_FIELD] ?? 0 }
}

/**
 * Share of the machine's time that its host took between two readings, 0 to 1. Null where it cannot be told: no /proc, or
 * no tick between them. A tick is 10 ms, so a second on two cores tells half a per cent.
 */
export function stealShare(before: CpuTimes | null, after: CpuTimes | null): number | null {
  if (before === null || after === null) return null
  const elapsedTicks = after.totalTicks - before.totalTicks
  if (elapsedTicks <= 0) return null
  // Counters of a virtual machine that was moved to another host may go back.
  return Math.min(1, Math.max(0, (after.stolenTicks - before.stolenTicks) / elapsedTicks))
}

export async function readCpuTimes(): Promise<CpuTimes | null> {
  return parseCpuTimes(await readFile('/proc/stat', 'utf8').catch(() => ''))
}
