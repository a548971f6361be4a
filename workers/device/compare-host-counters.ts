import type { HostReading, PressureReading, ThrottlingReading } from '#contracts/environment.ts'
import type { CgroupThrottling } from './parse-cgroup.ts'
import type { Pressure } from './parse-pressure.ts'
import type { HostCounters } from './read-host-counters.ts'
import { stealShare } from './read-steal.ts'

const US_PER_MS = 1000

/** What the machine did between two readings of its counters. */
export function compareHostCounters(before: HostCounters, after: HostCounters): HostReading {
  const elapsedUs = (after.atMs - before.atMs) * US_PER_MS
  const pressure = (name: keyof HostCounters['pressure']) =>
    comparePressure(before.pressure[name], after.pressure[name], elapsedUs)
  return {
    loadAverage: after.loadAverage,
    stealShare: stealShare(before.cpuTimes, after.cpuTimes),
    pressure: { cpu: pressure('cpu'), memory: pressure('memory'), io: pressure('io') },
    throttling: compareThrottling(before.throttling, after.throttling),
    memoryAvailableBytes: after.memoryAvailableBytes,
    cpuClockMHz: after.cpuClockMHz
  }
}

function comparePressure(before: Pressure | null, after: Pressure | null, elapsedUs: number): PressureReading | null {
  if (before === null || after === null || elapsedUs <= 0) return null
  const stalledShare = Math.min(1, Math.max(0, (after.stalledUs - before.stalledUs) / elapsedUs))
  return { stalledShare, avg10Share: after.avg10Share }
}

function compareThrottling(before: CgroupThrottling | null, after: CgroupThrottling | null): ThrottlingReading | null {
  if (before === null || after === null) return null
  // A process that was moved to another group meets other counters, which may be lower.
  return {
    periods: Math.max(0, after.periods - before.periods),
    throttledPeriods: Math.max(0, after.throttledPeriods - before.throttledPeriods),
    throttledUs: Math.max(0, after.throttledUs - before.throttledUs)
  }
}
