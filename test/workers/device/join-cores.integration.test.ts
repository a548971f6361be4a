import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { readAllowedCores } from '#workers/device/choose-cores.ts'
import { joinCores } from '#workers/device/join-cores.ts'

const canMove = process.platform === 'linux' && existsSync('/usr/bin/taskset')

async function mainThreadCores(): Promise<string | undefined> {
  const status = await readFile(`/proc/${process.pid}/status`, 'utf8')
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]
}

describe.skipIf(!canMove)('joining the cores of the sides', () => {
  test('moves the main thread there, and back where it was', async () => {
    const before = await mainThreadCores()
    const [core = 0] = (await readAllowedCores()) ?? []

    const leave = await joinCores([core])

    expect(await mainThreadCores()).toBe(`${core}`)
    await leave()
    expect(await mainThreadCores()).toBe(before)
  })

  test('stays where it is when the system chooses, and when it cannot be moved', async () => {
    const before = await mainThreadCores()

    const leaves = [await joinCores(null), await joinCores([100_000])]

    expect(await mainThreadCores()).toBe(before)
    for (const leave of leaves) await leave()
    expect(await mainThreadCores()).toBe(before)
  })
})
