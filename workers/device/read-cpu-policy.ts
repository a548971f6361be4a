import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** How the system runs its processor. Null where it does not tell, as in most virtual machines and outside Linux. */
export interface CpuPolicy {
  /** Names of the frequency governors in use: `performance`, `powersave`, … */
  readonly governors: readonly string[] | null
  /** Whether the clock may rise above its nominal frequency for a while. */
  readonly turbo: boolean | null
  /** Whether two hardware threads share a core. */
  readonly smt: boolean | null
  /** Whether this is a virtual machine; false also where the processor does not tell, as on ARM. */
  readonly virtual: boolean
}

const CPU_FOLDER = '/sys/devices/system/cpu'
const CPUINFO = '/proc/cpuinfo'

/** Reads what /sys and /proc tell. The paths are given in tests alone. */
export async function readCpuPolicy(cpuFolder = CPU_FOLDER, cpuinfoPath = CPUINFO): Promise<CpuPolicy> {
  const noTurbo = readSwitch(await readText(join(cpuFolder, 'intel_pstate/no_turbo')))
  const boost = readSwitch(await readText(join(cpuFolder, 'cpufreq/boost')))
  return {
    governors: await readGovernors(join(cpuFolder, 'cpufreq')),
    turbo: noTurbo === null ? boost : !noTurbo,
    smt: readSwitch(await readText(join(cpuFolder, 'smt/active'))),
    virtual: /^flags\s*:.*\bhypervisor\b/m.test(await readText(cpuinfoPath))
  }
}

async function readGovernors(folder: string): Promise<readonly string[] | null> {
  const names = await readdir(folder).catch(() => [])
  const policies = names.filter((name) => /^policy\d+$/.test(name))
  const texts = await Promise.all(policies.map((name) => readText(join(folder, name, 'scaling_governor'))))
  const governors = [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))]
  return governors.length === 0 ? null : governors.sort()
}

/** `1` and `0` as yes and no; anything else is not told. */
function readSwitch(text: string): boolean | null {
  const value = text.trim()
  if (value === '1') return true
  return value === '0' ? false : null
}

function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
