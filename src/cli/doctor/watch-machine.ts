import { setTimeout as sleep } from 'node:timers/promises'
import { MS_PER_S } from '#contracts/units.ts'
import { readAllowedCores, readBusyTicks } from '#workers/device/choose-cores.ts'
import { readCpuTimes, stealShare } from '#workers/device/read-steal.ts'
import type { CoreUse } from './judge-machine.ts'

const WATCH_MS = 1_000
/** Linux tells processor time in hundredths of a second to every program, whatever its own clock is [proc_stat(5)]. */
const TICKS_PER_S = 100

export interface WatchedMachine {
  /** Null where the system does not tell. */
  readonly cores: readonly CoreUse[] | null
  readonly stealShare: number | null
}

/** Looks at the machine for a second, in which this program itself does nothing. */
export async function watchMachine(): Promise<WatchedMachine> {
  const allowed = await readAllowedCores()
  const before = { times: await readCpuTimes(), busy: await readBusyTicks() }
  const startMs = performance.now()
  await sleep(WATCH_MS)
  const after = { times: await readCpuTimes(), busy: await readBusyTicks() }
  const elapsedTicks = ((performance.now() - startMs) / MS_PER_S) * TICKS_PER_S
  const cores = allowed?.map((core) => {
    const busyTicks = (after.busy.get(core) ?? 0) - (before.busy.get(core) ?? 0)
    return { core, busyShare: Math.min(1, Math.max(0, busyTicks / elapsedTicks)) }
  })
  return { cores: cores ?? null, stealShare: stealShare(before.times, after.times) }
}
