import { BYTES_PER_MIB } from '#contracts/units.ts'
import { limitLine } from './fingerprint.ts'
import { readNumber } from './gpu-fields.ts'

const LINE_MAX_CHARACTERS = 200
const PROCESSES_MAX = 1000

/** The name is last: it is the only field that may hold a comma. */
export const PROCESS_ARGUMENTS: readonly string[] = [
  '--query-compute-apps=gpu_uuid,pid,used_gpu_memory,process_name',
  '--format=csv,noheader,nounits'
]

/** A process that computes on a GPU. Its name is what the process says, so another user's text. */
export interface ListedProcess {
  /** Of the whole GPU, also where the process uses a slice of it. */
  readonly gpuUuid: string
  /** As the driver's own PID namespace has it: inside a container not what the container has. */
  readonly pid: number
  readonly name: string
  readonly memoryBytes: number | null
}

/** The answer to {@link PROCESS_ARGUMENTS}. */
export function parseGpuProcesses(text: string): ListedProcess[] {
  const rows = text.split('\n').flatMap((line) => {
    const [, gpuUuid, pid, memory, name] = /^\s*(GPU-[\w-]+), *(\d{1,10}), *([^,]*),(.*)$/s.exec(line) ?? []
    if (gpuUuid === undefined) return []
    const memoryMiB = readNumber(memory?.trim())
    return [
      {
        gpuUuid,
        pid: Number(pid),
        name: limitLine(name ?? '', LINE_MAX_CHARACTERS),
        memoryBytes: memoryMiB === null ? null : memoryMiB * BYTES_PER_MIB
      }
    ]
  })
  return rows.slice(0, PROCESSES_MAX)
}
