/** One resource in /proc/pressure: how long at least one task waited for it. */
export interface Pressure {
  /** Since the machine started. */
  readonly stalledUs: number
  /** The kernel's average over the last 10 s, 0 to 1. */
  readonly avg10Share: number
}

const SOME_LINE = /^some avg10=(\d+(?:\.\d+)?) avg60=\S+ avg300=\S+ total=(\d+)$/m

/** A file of /proc/pressure; null where the kernel has none or was started with psi=0. */
export function parsePressure(text: string): Pressure | null {
  const [, avg10, total] = SOME_LINE.exec(text) ?? []
  if (avg10 === undefined || total === undefined) return null
  return { stalledUs: Number(total), avg10Share: Math.min(1, Number(avg10) / 100) }
}
