import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import type { GpuProcess } from '#contracts/environment.ts'
import { limitLine } from './fingerprint.ts'

const NAMED_MAX = 3
const NAME_MAX_CHARACTERS = 100

/** Somebody else is on the GPU: whatever they do, it would be measured too. */
export function describeOccupied(processes: readonly Pick<GpuProcess, 'pid' | 'name'>[]): BenchmarkFailure {
  const named = processes
    .slice(0, NAMED_MAX)
    .map(({ pid, name }) => `${limitLine(name, NAME_MAX_CHARACTERS)} (process ${pid})`)
  const others = processes.length - named.length
  return {
    code: 'device_unavailable',
    side: null,
    message: `Another process computes on the GPU: ${named.join(', ')}${others === 0 ? '' : ` and ${others} more`}.`,
    hint: 'End it, or keep it away from the machine that measures, and run again.'
  }
}
