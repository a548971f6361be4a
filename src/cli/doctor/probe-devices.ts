import { type FoundDevices, findDevices, listGpuProcesses } from '#workers/device/find-devices.ts'
import { findVulkan, type VulkanFacts } from '#workers/device/find-vulkan-loader.ts'
import type { CgroupThrottling } from '#workers/device/parse-cgroup.ts'
import { findCgroupFolders, readQuotaCores, readThrottling } from '#workers/device/read-cgroup.ts'
import { type ContainerFacts, readContainerFacts } from '#workers/device/read-container.ts'
import { readGpuSamples } from '#workers/device/read-gpu-samples.ts'
import type { GpuFacts } from './judge-devices.ts'

export interface ProbedDevices {
  readonly found: FoundDevices
  readonly gpus: readonly GpuFacts[]
  readonly vulkan: VulkanFacts
}

/**
 * Asks NVIDIA's driver what it has, and who uses it. Changes nothing; up to a minute when the driver hangs.
 *
 * @param nvidiaSmi its path; null: where drivers put it
 */
export async function probeDevices(nvidiaSmi: string | null): Promise<ProbedDevices> {
  const vulkan = await findVulkan()
  const found = await findDevices(nvidiaSmi ?? undefined)
  if (found.kind !== 'found') return { found, gpus: [], vulkan }
  const { program } = found
  const samples = await readGpuSamples(program, found.knownFields)
  const gpus = found.gpus.map(async (device) => ({
    device,
    sample: samples.get(device.identity.uuid) ?? null,
    processes: await listGpuProcesses(program, device.identity.uuid)
  }))
  return { found, gpus: await Promise.all(gpus), vulkan }
}

export interface ProbedContainer extends ContainerFacts {
  readonly quotaCores: number | null
  readonly throttling: CgroupThrottling | null
}

export async function probeContainer(): Promise<ProbedContainer> {
  const folders = await findCgroupFolders()
  return {
    ...(await readContainerFacts()),
    quotaCores: await readQuotaCores(folders),
    throttling: await readThrottling(folders)
  }
}
