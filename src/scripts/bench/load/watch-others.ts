import { cpus } from 'node:os'

const US_PER_MS = 1000

/**
 * Starts to watch how much of the processors others take: other programs, the system, and the host of a virtual machine.
 *
 * @returns a function that tells their share since then, in processors: 0.5 is half of one
 */
export function watchOthers(): () => number {
  const start = read()
  return () => {
    const end = read()
    const elapsedMs = end.nowMs - start.nowMs
    const idleMs = end.idleMs - start.idleMs
    const ownMs = end.ownMs - start.ownMs
    return Math.max(0, (end.processors * elapsedMs - idleMs - ownMs) / elapsedMs)
  }
}

function read() {
  const times = cpus().map((cpu) => cpu.times)
  const own = process.cpuUsage()
  return {
    nowMs: performance.now(),
    processors: times.length,
    idleMs: times.reduce((sum, { idle }) => sum + idle, 0),
    ownMs: (own.user + own.system) / US_PER_MS
  }
}
