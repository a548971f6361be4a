import { BYTES_PER_GIB, MS_PER_S } from '#contracts/units.ts'
import { nameClockReason } from '#src/environment/describe-environment.ts'
import { SLOWDOWNS } from '#src/environment/judge-reading.ts'
import type { FoundDevices, GpuDevice } from '#workers/device/find-devices.ts'
import type { VulkanFacts } from '#workers/device/find-vulkan-loader.ts'
import type { ListedProcess } from '#workers/device/parse-gpu-processes.ts'
import type { GpuSample } from '#workers/device/parse-gpu-sample.ts'
import { absent, broken, type Finding, fine, warning } from './finding.ts'

const CHECK = 'GPU'
const PROCESSES_NAMED_MAX = 3

export interface GpuFacts {
  readonly device: GpuDevice
  /** Null when the driver does not tell. */
  readonly sample: GpuSample | null
  readonly processes: readonly ListedProcess[] | null
}

/** Why there is no GPU to measure on. Most machines have none, and nothing is wrong with that. */
export function judgeNvidia(found: FoundDevices): Finding[] {
  switch (found.kind) {
    case 'found':
      return []
    case 'no_program':
      return [absent(CHECK, 'none of NVIDIA’s: there is no nvidia-smi')]
    case 'no_devices':
      return [
        warning(
          CHECK,
          'NVIDIA’s driver is installed and finds no GPU',
          'In a container give it one (docker run --gpus all). Where there is none, nothing is to be done.'
        )
      ]
    case 'no_driver':
      return [
        warning(
          CHECK,
          'nvidia-smi is installed, but NVIDIA’s driver does not answer',
          'Load the driver (sudo modprobe nvidia), or install the one that fits this kernel.',
          [found.reason]
        )
      ]
    case 'driver_mismatch':
      return [
        warning(
          CHECK,
          'NVIDIA’s driver was updated and the old one still runs',
          'Restart this machine; until then nothing can use its GPU.',
          [found.reason]
        )
      ]
    case 'hangs':
      return [
        broken(
          CHECK,
          `NVIDIA’s driver has not answered for ${found.timeoutMs / MS_PER_S} s`,
          'Look for "Xid" in the kernel log (sudo dmesg), then restart this machine.'
        )
      ]
    case 'fails':
      return [
        broken(
          CHECK,
          `nvidia-smi fails: ${found.reason}`,
          'Run nvidia-smi by hand, and see the kernel log (sudo dmesg).'
        )
      ]
    default:
      return found satisfies never
  }
}

/** What there is to measure on, and what would spoil measurements on it: GPU by GPU, with their slices. */
export function judgeGpus(facts: readonly GpuFacts[]): Finding[] {
  return [...Map.groupBy(facts, ({ device }) => device.identity.uuid).values()].flatMap(judgeGpu)
}

/** @param facts of one GPU: itself, or its slices */
function judgeGpu(facts: readonly GpuFacts[]): Finding[] {
  const [first] = facts
  if (first === undefined) return []
  const { device, sample, processes } = first
  const check = `GPU ${device.index}`
  const slices = facts.flatMap((each) => (each.device.slice === null ? [] : [each.device.slice]))
  const listed = slices.map(({ profile, uuid }) => `slice ${profile}: ${uuid}`)
  return [
    fine(check, describeGpu(device), [...listDetails(device, sample), ...listed]),
    ...judgeMig(check, device.identity.mig.enabled === true, slices.length),
    ...judgeSettings(check, device),
    ...judgeState(check, sample),
    ...judgeOccupants(check, processes ?? [], device.identity.mig.enabled === true)
  ]
}

function describeGpu({ identity }: GpuDevice): string {
  const { name, memoryTotalBytes, driverVersion, cudaVersion } = identity
  const memory = memoryTotalBytes === null ? [] : [`${(memoryTotalBytes / BYTES_PER_GIB).toFixed(1)} GiB`]
  const driver = driverVersion === null ? [] : [`driver ${driverVersion}`]
  const cuda = cudaVersion === null ? [] : [`CUDA up to ${cudaVersion}`]
  return [name, ...memory, ...driver, ...cuda].join(', ')
}

function listDetails({ identity }: GpuDevice, sample: GpuSample | null): string[] {
  const { smClockMHz, temperatureC, powerW } = sample ?? { smClockMHz: null, temperatureC: null, powerW: null }
  const limit = identity.powerLimitW === null ? '' : ` of ${Math.round(identity.powerLimitW)}`
  const state = [
    ...(smClockMHz === null ? [] : [`${smClockMHz} MHz`]),
    ...(temperatureC === null ? [] : [`${temperatureC} °C`]),
    ...(powerW === null ? [] : [`${Math.round(powerW)}${limit} W`])
  ]
  return state.length === 0 ? [identity.uuid] : [`${identity.uuid}, just now ${state.join(', ')}`]
}

function judgeMig(check: string, enabled: boolean, sliceCount: number): Finding[] {
  if (!enabled) return []
  if (sliceCount === 0) {
    const advice = 'Make one (sudo nvidia-smi mig -cgi 0 -C), or switch MIG off (sudo nvidia-smi -mig 0).'
    return [warning(check, 'is cut up (MIG), but has no slice that could compute', advice)]
  }
  return [
    warning(
      check,
      'is cut up (MIG): what runs on one slice changes the clock and power of the others, and cannot be told apart',
      'Use one slice at a time while this machine measures, or switch MIG off (sudo nvidia-smi -mig 0).'
    )
  ]
}

function judgeSettings(check: string, { identity }: GpuDevice): Finding[] {
  const findings: Finding[] = []
  if (identity.persistence === false) {
    const advice = 'Keep it loaded: sudo nvidia-smi -pm 1, or the service nvidia-persistenced.'
    findings.push(warning(check, 'persistence mode is off: the driver is loaded anew for every process', advice))
  }
  if (identity.computeMode === 'Prohibited') {
    const advice = 'Allow it: sudo nvidia-smi -c 0'
    findings.push(broken(check, 'its compute mode forbids all computing', advice))
  }
  if (identity.computeMode === 'Exclusive_Process') {
    const advice = 'Both sides hold the GPU at once: sudo nvidia-smi -c 0'
    findings.push(broken(check, 'its compute mode allows one process at a time', advice))
  }
  return findings
}

function judgeState(check: string, sample: GpuSample | null): Finding[] {
  const reasons = sample?.reasons?.filter((reason) => SLOWDOWNS.includes(reason)) ?? []
  if (reasons.length === 0) return []
  const advice = 'Find out why: nvidia-smi -q -d TEMPERATURE,POWER,PERFORMANCE. Cooling, a power supply, or neighbours.'
  return [
    warning(
      check,
      `slows itself down just now (${reasons.map(nameClockReason).join(', ')}); such rounds are thrown away`,
      advice
    )
  ]
}

function judgeOccupants(check: string, processes: readonly ListedProcess[], migEnabled: boolean): Finding[] {
  if (processes.length === 0) return []
  const named = processes.slice(0, PROCESSES_NAMED_MAX).map(({ name, pid }) => `${name} (pid ${pid})`)
  const more = processes.length > named.length ? ` and ${processes.length - named.length} more` : ''
  const advice = migEnabled
    ? 'The driver does not say on which slice. Stop them while this machine measures.'
    : 'Stop them while this machine measures: a job is refused on a GPU that is in use.'
  return [warning(check, `is used by ${named.join(', ')}${more}`, advice)]
}

/** What WebGPU needs of the system, asked on Linux machines with a GPU. */
export function judgeVulkan({ loader, drivers }: VulkanFacts): Finding {
  const check = 'Vulkan'
  if (loader === null) {
    const advice = 'Install it: the package libvulkan1 (Debian, Ubuntu) or vulkan-loader (Fedora, Alpine).'
    return warning(check, 'no loader (libvulkan.so.1), so that sessions on WebGPU cannot be made', advice)
  }
  if (drivers.length > 0) return fine(check, `${loader}, drivers: ${drivers.join(', ')}`)
  const advice = 'Install the GPU’s Vulkan driver; in a container let it in (NVIDIA_DRIVER_CAPABILITIES=all).'
  return warning(check, `${loader}, but no driver tells it of itself`, advice)
}
