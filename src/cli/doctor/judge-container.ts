import type { CgroupThrottling } from '#workers/device/parse-cgroup.ts'
import type { ContainerFacts } from '#workers/device/read-container.ts'
import { type Finding, fine, warning } from './finding.ts'

/** One for the side that is at work, one for the supervisor. */
const QUOTA_LOW_CORES = 2
/** As `throttledShareMax` of the gates. */
const THROTTLED_WORTH_A_WORD = 0.01

export interface QuotaFacts {
  /** Cores' worth of time; null without a quota. */
  readonly quotaCores: number | null
  readonly throttling: CgroupThrottling | null
  readonly coreCount: number
}

/** A quota does not slow a process down, it stops it: until the next period begins, which is tens of milliseconds. */
export function judgeQuota({ quotaCores, throttling, coreCount }: QuotaFacts): Finding {
  const check = 'CPU quota'
  const { periods, throttledPeriods } = throttling ?? { periods: 0, throttledPeriods: 0 }
  const share = periods === 0 ? 0 : throttledPeriods / periods
  const advice =
    'Give the worker whole cores instead of a share of them: --cpuset-cpus (Docker), a Guaranteed pod with the static CPU manager (Kubernetes), AllowedCPUs (systemd).'
  if (quotaCores === null) return fine(check, 'none')
  const cores = `${Number(quotaCores.toFixed(1))} of ${coreCount === 1 ? '1 core' : `${coreCount} cores`}`
  if (share > THROTTLED_WORTH_A_WORD) {
    return warning(check, `${cores}, and it stopped processes in ${(share * 100).toFixed(1)} % of its periods`, advice)
  }
  if (quotaCores < QUOTA_LOW_CORES && coreCount >= QUOTA_LOW_CORES) {
    return warning(check, `${cores}: it stops the processes for a while as soon as they need more`, advice)
  }
  if (quotaCores >= coreCount) return fine(check, `${cores}, which is all`)
  return fine(check, `${cores}: enough for sessions with up to ${Math.max(1, Math.floor(quotaCores - 1))} threads`)
}

export function judgeContainer(
  { container, ownPidNamespace }: ContainerFacts,
  machine: { readonly hasGpu: boolean }
): Finding {
  if (machine.hasGpu && ownPidNamespace === true) {
    return warning(
      'container',
      'processes have other numbers here than in the GPU driver’s list, so that others’ cannot be told from ours',
      'Start it with the host’s process numbers: --pid=host (Docker), hostPID: true (Kubernetes).'
    )
  }
  if (container === null) return fine('container', 'not told by this system')
  return fine('container', container ? 'yes' : 'no')
}
