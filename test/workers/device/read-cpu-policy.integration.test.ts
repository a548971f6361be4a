import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { readCpuPolicy } from '#workers/device/read-cpu-policy.ts'

const folders: string[] = []
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

/** Lays out files as /sys/devices/system/cpu and /proc/cpuinfo have them. */
async function readFrom(files: Readonly<Record<string, string>>) {
  const folder = await mkdtemp(join(tmpdir(), 'tailgate-cpu-'))
  folders.push(folder)
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true })
    await writeFile(join(folder, path), text)
  }
  return readCpuPolicy(folder, join(folder, 'cpuinfo'))
}

test('an Intel server tells everything', async () => {
  const policy = await readFrom({
    'cpufreq/policy0/scaling_governor': 'powersave\n',
    'cpufreq/policy1/scaling_governor': 'performance\n',
    'cpufreq/policy2/scaling_governor': 'performance\n',
    'intel_pstate/no_turbo': '0\n',
    'smt/active': '1\n',
    cpuinfo: 'processor\t: 0\nflags\t\t: fpu vme\n'
  })

  expect(policy).toEqual({ governors: ['performance', 'powersave'], turbo: true, smt: true, virtual: false })
})

test('other processors have another switch for turbo', async () => {
  expect(await readFrom({ 'cpufreq/boost': '0\n', 'smt/active': '0\n' })).toMatchObject({ turbo: false, smt: false })
})

test('a virtual machine tells little but that it is one', async () => {
  expect(await readFrom({ cpuinfo: 'flags\t\t: fpu hypervisor lahf_lm\n', 'cpufreq/0/x': '' })).toEqual({
    governors: null,
    turbo: null,
    smt: null,
    virtual: true
  })
})

test('a system without these files tells nothing', async () => {
  expect(await readFrom({})).toEqual({ governors: null, turbo: null, smt: null, virtual: false })
})
