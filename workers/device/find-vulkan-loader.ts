import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const LIBRARY_FOLDERS: readonly string[] = [
  '/usr/lib/x86_64-linux-gnu',
  '/usr/lib/aarch64-linux-gnu',
  '/usr/lib64',
  '/usr/lib',
  '/usr/local/lib'
]
const LOADER = 'libvulkan.so.1'
const DRIVER_FOLDERS: readonly string[] = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d']

export interface VulkanFacts {
  /** Path of the library that WebGPU loads; null where there is none. */
  readonly loader: string | null
  /** Names of the files that tell the loader of a driver: `nvidia_icd.json`. */
  readonly drivers: readonly string[]
}

/** What WebGPU needs on Linux: a loader, and a driver that it finds. */
export async function findVulkan(
  libraryFolders: readonly string[] = LIBRARY_FOLDERS,
  driverFolders: readonly string[] = DRIVER_FOLDERS
): Promise<VulkanFacts> {
  const lists = await Promise.all(driverFolders.map((folder) => readdir(folder).catch(() => [])))
  const drivers = lists.flat().filter((name) => name.endsWith('.json'))
  for (const folder of libraryFolders) {
    const path = join(folder, LOADER)
    const present = await access(path).then(
      () => true,
      () => false
    )
    if (present) return { loader: path, drivers }
  }
  return { loader: null, drivers }
}
