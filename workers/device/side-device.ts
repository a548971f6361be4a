import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { SessionSpec } from '#contracts/session.ts'
import type { FoundDevices } from './find-devices.ts'
import { pickDevice } from './pick-device.ts'

/** What a side process needs in order to reach the device of its session. */
export interface SideDevice {
  /** UUID of the GPU or slice; null where it is not known which one it is, so that none is watched. */
  readonly id: string | null
  /** The number of the device inside the process, in place of the session's own. */
  readonly deviceId: number
  readonly environment: Readonly<Record<string, string>>
  /** Device files, which the process must be able to write to. */
  readonly devicePaths: readonly string[]
  readonly readOnlyPaths: readonly string[]
}

export type SessionDevice = Pick<SessionSpec, 'executionProvider' | 'deviceId'>

/** Where the drivers of Vulkan are named, besides /usr/share/vulkan. */
const VULKAN_SETTINGS = '/etc/vulkan'
/** Render nodes of every maker, and WSL's only one. */
const RENDER_NODES: readonly string[] = ['/dev/dri', '/dev/dxg']
/** By these, CUDA and Vulkan's drivers find their GPU on the bus. */
const BUS_PATHS: readonly string[] = ['/sys/bus/pci', '/sys/dev/char', '/sys/class/drm', '/sys/module/nvidia']

/**
 * @param libraryPath folders with a provider's libraries that the system's loader does not know (`LD_LIBRARY_PATH`)
 * @returns null for the processor, which needs nothing: such a side must not see a GPU
 */
export async function findSideDevice(
  session: SessionDevice,
  found: FoundDevices,
  libraryPath: readonly string[] = []
): Promise<SideDevice | null> {
  if (session.executionProvider === 'cpu') return null
  const picked = pickDevice(session, found)
  const known = picked.kind === 'gpu' ? picked : null
  const graphics = session.executionProvider === 'webgpu'
  const folders = libraryPath.filter((folder) => folder.startsWith('/'))
  return {
    id: known?.device.id ?? null,
    deviceId: known?.sideDeviceId ?? session.deviceId,
    environment: {
      ...known?.environment,
      ...(folders.length === 0 ? {} : { LD_LIBRARY_PATH: folders.join(':') })
    },
    devicePaths: [...(await listNames('/dev', /^nvidia/)), ...(graphics ? RENDER_NODES : [])],
    readOnlyPaths: [
      ...BUS_PATHS,
      ...(await listNames('/sys/devices', /^pci/)),
      ...(graphics ? [VULKAN_SETTINGS] : []),
      ...folders
    ]
  }
}

async function listNames(folder: string, pattern: RegExp): Promise<readonly string[]> {
  const names = await readdir(folder).catch(() => [])
  return names
    .filter((name) => pattern.test(name))
    .sort()
    .map((name) => join(folder, name))
}
