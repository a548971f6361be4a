import type { GpuProcess } from '#contracts/environment.ts'

export type OccupancyVerdict =
  | { readonly kind: 'free' }
  /** On a GPU that is cut up the driver does not say which slice a process is on, so that one may not be refused for it. */
  | { readonly kind: 'neighbours'; readonly processes: readonly GpuProcess[] }
  /** Whatever they do, it would be measured too. */
  | { readonly kind: 'refused'; readonly processes: readonly GpuProcess[] }

/**
 * Whether a GPU may be measured on, asked before the sides are started: whoever computes on it then is somebody else.
 *
 * @param processes null where the driver does not list any: then nobody can be refused
 */
export function judgeOccupants(processes: readonly GpuProcess[] | null, migEnabled: boolean): OccupancyVerdict {
  if (processes === null || processes.length === 0) return { kind: 'free' }
  return { kind: migEnabled ? 'neighbours' : 'refused', processes }
}
