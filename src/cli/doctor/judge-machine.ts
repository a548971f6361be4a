import { BYTES_PER_GIB } from '#contracts/units.ts'
import type { CpuPolicy } from '#workers/device/read-cpu-policy.ts'
import { type Finding, fine, warning } from './finding.ts'

/** A core that was busy for less than this share of the time watched counts as idle. */
const IDLE_BELOW = 0.1
/** From here on a virtual machine's neighbours can be seen in the measurements. */
const STEAL_WORTH_A_WORD = 0.01
/** Two models, twice, and their arenas; small machines kill the side process instead of swapping. */
const MEMORY_LOW_BYTES = 1024 ** 3

export interface CoreUse {
  readonly core: number
  /** Share of the time watched that it was busy, 0 to 1. */
  readonly busyShare: number
}

/** @param cores those this process may use; null where the system does not tell (not Linux) */
export function judgeCores(cores: readonly CoreUse[] | null): Finding {
  if (cores === null) return fine('cores', 'not told by this system')
  const idle = cores.filter(({ busyShare }) => busyShare < IDLE_BELOW).map(({ core }) => core)
  const total = cores.length === 1 ? '1 core' : `${cores.length} cores`
  if (cores.length === 1) {
    const advice = 'Give the worker two cores or more, so that its own work does not disturb what it measures.'
    return warning('cores', `${total} for the models and the worker together`, advice)
  }
  if (idle.length === 0) {
    return warning(
      'cores',
      `${total}, and none was idle just now`,
      'Find out what runs here (top), and stop or move it.'
    )
  }
  return fine('cores', `${total}, idle just now: ${idle.join(', ')}`)
}

export function judgeGovernor({ governors }: Pick<CpuPolicy, 'governors'>): Finding {
  if (governors === null) return fine('clock governor', 'not told by this system (usual in virtual machines)')
  if (governors.every((name) => name === 'performance')) return fine('clock governor', 'performance')
  return warning(
    'clock governor',
    `${governors.join(', ')}: the clock follows the load`,
    'Fix it while this machine measures: sudo cpupower frequency-set --governor performance'
  )
}

export function judgeTurbo({ turbo }: Pick<CpuPolicy, 'turbo'>): Finding {
  if (turbo === null) return fine('turbo', 'not told by this system (usual in virtual machines)')
  if (!turbo) return fine('turbo', 'off')
  return warning(
    'turbo',
    'on: the clock follows temperature and the other cores',
    'For steadier numbers switch it off: echo 1 | sudo tee /sys/devices/system/cpu/intel_pstate/no_turbo (Intel), or echo 0 | sudo tee /sys/devices/system/cpu/cpufreq/boost'
  )
}

export function judgeSmt({ smt }: Pick<CpuPolicy, 'smt'>): Finding {
  if (smt === null) return fine('hyper-threading', 'not told by this system')
  if (!smt) return fine('hyper-threading', 'off')
  return warning(
    'hyper-threading',
    'on: a core that is measured on may share its parts with other work',
    'For steadier numbers switch it off: echo off | sudo tee /sys/devices/system/cpu/smt/control'
  )
}

/** @param stealShare of one second just now; null where it cannot be told */
export function judgeVirtual({ virtual }: Pick<CpuPolicy, 'virtual'>, stealShare: number | null): Finding {
  const stolen = stealShare ?? 0
  if (stolen >= STEAL_WORTH_A_WORD) {
    return warning(
      'virtual machine',
      `its host took ${formatPercent(stolen)} of the last second for others`,
      'Measure on a machine of its own or one with dedicated cores; tailgate calibrate tells whether this one is steady enough.'
    )
  }
  if (!virtual) return fine('virtual machine', 'no')
  const told = stealShare === null ? '' : `; its host took ${formatPercent(stolen)} of the last second for others`
  return fine('virtual machine', `yes${told}`)
}

/** @param loadAverage of the last minute: how many programs wanted to run at once */
export function judgeLoad(loadAverage: number, cpuCount: number): Finding {
  const found = `${loadAverage.toFixed(1)} on ${cpuCount === 1 ? '1 core' : `${cpuCount} cores`} in the last minute`
  if (loadAverage < 1) return fine('load', found)
  return warning(
    'load',
    `${found}: something else runs here`,
    'Keep other work off this machine while it measures; a verdict takes longer for it, or is not reached.'
  )
}

export function judgeMemory(availableBytes: number, totalBytes: number): Finding {
  const found = `${formatGibibytes(availableBytes)} of ${formatGibibytes(totalBytes)} free`
  if (availableBytes >= MEMORY_LOW_BYTES) return fine('memory', found)
  return warning('memory', found, 'Both sides load every model at once: free some, or raise the container’s limit.')
}

function formatPercent(share: number): string {
  return `${(share * 100).toFixed(1)} %`
}

function formatGibibytes(bytes: number): string {
  return `${(bytes / BYTES_PER_GIB).toFixed(1)} GiB`
}
