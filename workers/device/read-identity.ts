import { readdir, readFile } from 'node:fs/promises'
import { availableParallelism, cpus, release } from 'node:os'
import { EnvironmentIdentity, type GpuIdentity } from '#contracts/environment.ts'
import { parseCoreList } from './choose-cores.ts'
import { limitLine } from './fingerprint.ts'
import { formatCoreList, parseMicrocode } from './parse-host.ts'
import { findCgroupFolders, readQuotaCores } from './read-cgroup.ts'
import { readContainerFacts } from './read-container.ts'
import { readCpuPolicy } from './read-cpu-policy.ts'

const LINE_MAX_CHARACTERS = 200
const GOVERNORS_MAX = 20
const CORE_LIST_MAX_CHARACTERS = 1000

export interface IdentityOptions {
  /** Of the side processes, from `createEngineReader`. */
  readonly engines: EnvironmentIdentity['engines']
  /** Of the device that is measured on, read at the same moment; null for the processor. */
  readonly gpu: GpuIdentity | null
}

/** What this machine is, now. Read it before the first round and after each: it must stay the same. */
export async function readIdentity({ engines, gpu }: IdentityOptions): Promise<EnvironmentIdentity> {
  const policy = await readCpuPolicy()
  const cpuinfo = await readFile('/proc/cpuinfo', 'utf8').catch(() => '')
  const { container } = await readContainerFacts()
  const allowedCores = await readWorkerCores()
  return EnvironmentIdentity.parse({
    cpu: {
      model: limitLine(cpus()[0]?.model ?? '', LINE_MAX_CHARACTERS),
      microcode: parseMicrocode(cpuinfo)?.slice(0, LINE_MAX_CHARACTERS) ?? null,
      // Not of the main thread, which visits the cores of the sides.
      coreCount: allowedCores?.length ?? availableParallelism(),
      allowedCores: allowedCores === null ? null : formatCoreList(allowedCores).slice(0, CORE_LIST_MAX_CHARACTERS),
      governors: policy.governors === null ? null : policy.governors.slice(0, GOVERNORS_MAX),
      turbo: policy.turbo,
      smt: policy.smt,
      virtual: policy.virtual
    },
    cgroupQuotaCores: await readQuotaCores(await findCgroupFolders()),
    kernel: limitLine(release(), LINE_MAX_CHARACTERS),
    container,
    nodeVersion: process.version,
    engines,
    gpu
  })
}

/** The cores of all threads of this process together: the main thread's own are other ones while a round runs. */
async function readWorkerCores(): Promise<number[] | null> {
  const threads = await readdir('/proc/self/task').catch(() => [])
  const lists = await Promise.all(
    threads.map(async (thread) => {
      const status = await readFile(`/proc/self/task/${thread}/status`, 'utf8').catch(() => '')
      return parseCoreList(/^Cpus_allowed_list:\s*(.+)$/m.exec(status)?.[1] ?? '')
    })
  )
  const cores = [...new Set(lists.flat())].sort((a, b) => a - b)
  return cores.length === 0 ? null : cores
}
