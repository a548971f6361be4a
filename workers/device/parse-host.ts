const BYTES_PER_KIB = 1024
const KHZ_PER_MHZ = 1000

/** The first number of /proc/loadavg: programs that wanted to run, averaged over the last minute. */
export function parseLoadAverage(text: string): number | null {
  const value = /^(\d+\.\d+) /.exec(text)?.[1]
  return value === undefined ? null : Number(value)
}

/** MemAvailable of /proc/meminfo. */
export function parseMemoryAvailable(text: string): number | null {
  const kib = /^MemAvailable:\s+(\d+) kB$/m.exec(text)?.[1]
  return kib === undefined ? null : Number(kib) * BYTES_PER_KIB
}

/** Mean of what the clock drivers tell (scaling_cur_freq, in kHz), else of the `cpu MHz` lines of /proc/cpuinfo. */
export function parseCpuClock(frequenciesKhz: readonly string[], cpuinfo: string): number | null {
  const fromDriver = frequenciesKhz.filter((text) => /^\d+\s*$/.test(text)).map((text) => Number(text) / KHZ_PER_MHZ)
  const fromCpuinfo = [...cpuinfo.matchAll(/^cpu MHz\s*:\s*(\d+(?:\.\d+)?)$/gm)].map(([, mhz]) => Number(mhz))
  const clocks = fromDriver.length > 0 ? fromDriver : fromCpuinfo
  return clocks.length === 0 ? null : clocks.reduce((sum, mhz) => sum + mhz, 0) / clocks.length
}

/** The processor's microcode from /proc/cpuinfo; ARM has none. */
export function parseMicrocode(cpuinfo: string): string | null {
  return /^microcode\s*:\s*(\S+)$/m.exec(cpuinfo)?.[1] ?? null
}

/** `0,1,2,3,8` as the kernel writes it: `0-3,8`. */
export function formatCoreList(cores: readonly number[]): string {
  const runs: [number, number][] = []
  for (const core of [...new Set(cores)].sort((a, b) => a - b)) {
    const last = runs.at(-1)
    if (last !== undefined && last[1] === core - 1) last[1] = core
    else runs.push([core, core])
  }
  return runs.map(([low, high]) => (low === high ? `${low}` : `${low}-${high}`)).join(',')
}
