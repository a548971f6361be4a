import { access, readFile, readlink } from 'node:fs/promises'

/** Inode of the first PID namespace: a constant of the kernel [include/linux/proc_ns.h, PROC_PID_INIT_INO]. */
const FIRST_PID_NAMESPACE = 'pid:[4026531836]'

export interface ContainerFacts {
  /** Null where this system does not tell. */
  readonly container: boolean | null
  /** Whether processes have other numbers here than in the kernel's own list, which is what NVIDIA's driver gives. */
  readonly ownPidNamespace: boolean | null
}

/** Whether this process runs in a container, by the marks that Docker, Podman, Kubernetes and LXC leave. */
export async function readContainerFacts(): Promise<ContainerFacts> {
  if (process.platform !== 'linux') return { container: null, ownPidNamespace: null }
  const namespace = await readlink('/proc/self/ns/pid').catch(() => null)
  const ownPidNamespace = namespace === null ? null : namespace !== FIRST_PID_NAMESPACE
  const marked = (await exists('/.dockerenv')) || (await exists('/run/.containerenv'))
  const groups = await readFile('/proc/1/cgroup', 'utf8').catch(() => '')
  return { container: marked || /\/(?:docker|kubepods|lxc|machine\.slice\/libpod)/.test(groups), ownPidNamespace }
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false
  )
}
