import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readAllowedCores } from '#workers/device/choose-cores.ts'
import { createCoreJoiner } from '#workers/device/join-cores.ts'

const canMove = process.platform === 'linux' && existsSync('/usr/bin/taskset')

async function mainThreadCores(): Promise<string | undefined> {
  const status = await readFile(`/proc/${process.pid}/status`, 'utf8')
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]
}

describe.skipIf(!canMove)('joining the cores of the sides', () => {
  test('moves the main thread there, and back where it was', async () => {
    const before = await mainThreadCores()
    const [core = 0] = (await readAllowedCores()) ?? []

    const leave = await createCoreJoiner()([core])

    expect(await mainThreadCores()).toBe(`${core}`)
    await leave()
    expect(await mainThreadCores()).toBe(before)
  })

  test('stays where it is when the system chooses, and when it cannot be moved', async () => {
    const before = await mainThreadCores()
    const joinCores = createCoreJoiner()

    const leaves = [await joinCores(null), await joinCores([100_000])]

    expect(await mainThreadCores()).toBe(before)
    for (const leave of leaves) await leave()
    expect(await mainThreadCores()).toBe(before)
  })

  test('comes back before the next round when it could not after one', async () => {
    const before = await mainThreadCores()
    const [core = 0] = (await readAllowedCores()) ?? []
    const folder = await mkdtemp(join(tmpdir(), 'tailgate-taskset-'))
    const taskset = join(folder, 'taskset')
    await symlink('/usr/bin/taskset', taskset)
    const joinCores = createCoreJoiner(taskset)
    const leave = await joinCores([core])
    await rm(taskset)
    await leave()
    const stuckOn = await mainThreadCores()
    await symlink('/usr/bin/taskset', taskset)

    const leaveNext = await joinCores(null)

    await rm(folder, { recursive: true })
    expect(stuckOn).toBe(`${core}`)
    expect(await mainThreadCores()).toBe(before)
    await leaveNext()
    expect(await mainThreadCores()).toBe(before)
  })
})
