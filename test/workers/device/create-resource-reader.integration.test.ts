import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { createResourceReader } from '#workers/device/create-resource-reader.ts'
import { listDescendants } from '#workers/device/list-descendants.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

const MIB = 1_048_576
const BUBBLEWRAP = await findBubblewrap()
const children: ChildProcess[] = []
const folders: string[] = []
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
})

/** A shell, and below it a Node that holds memory and computes, and says so. */
const BUSY = `
const held = Buffer.alloc(100 * ${MIB}, 1)
const startMs = performance.now()
while (performance.now() - startMs < 300);
process.stdout.write(String(held.length))
setInterval(() => {}, 1000)
`

async function startTree(): Promise<ChildProcess> {
  const command = `${process.execPath} -e '${BUSY}'; true`
  const child = spawn('/bin/sh', ['-c', command], { stdio: ['ignore', 'pipe', 'inherit'] })
  children.push(child)
  await once(child.stdout, 'data')
  return child
}

describe.runIf(process.platform === 'linux')('a process tree', () => {
  test('is read with all that is below it', async () => {
    const child = await startTree()

    const reading = await (await createResourceReader(child.pid ?? 0)).read()

    expect(reading?.pids.length).toBeGreaterThanOrEqual(2)
    expect(reading?.pids[0]).toBe(child.pid)
    expect(reading?.rssBytes).toBeGreaterThan(100 * MIB)
    expect(reading?.peakRssBytes).toBeGreaterThanOrEqual(reading?.rssBytes ?? Infinity)
    expect(reading?.cpuTimeNs).toBeGreaterThanOrEqual(100_000_000)
    for (const pid of reading?.pids ?? []) if (pid !== child.pid) process.kill(pid, 'SIGKILL')
  })

  test.runIf(BUBBLEWRAP !== null)('is read through the sandbox, in which it has other numbers', async () => {
    const sandbox = ['--ro-bind', '/', '/', '--unshare-pid', '--proc', '/proc', '--die-with-parent', '--']
    const child = spawn(BUBBLEWRAP ?? '', [...sandbox, process.execPath, '-e', BUSY], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    children.push(child)
    await once(child.stdout, 'data')

    const reading = await (await createResourceReader(child.pid ?? 0)).read()

    expect(reading?.pids.length).toBeGreaterThanOrEqual(2)
    expect(reading?.rssBytes).toBeGreaterThan(100 * MIB)
    expect(reading?.cpuTimeNs).toBeGreaterThanOrEqual(100_000_000)
  })

  test('that is gone has no reading', async () => {
    const child = spawn('/bin/sleep', ['600'])
    children.push(child)
    const reader = await createResourceReader(child.pid ?? 0)
    expect(await reader.read()).not.toBeNull()

    child.kill('SIGKILL')
    await once(child, 'exit')

    expect(await reader.read()).toBeNull()
  })
})

/** Processes as /proc has them: number, parent, start. */
async function layOut(processes: readonly (readonly [pid: number, parent: number, start: number])[], lists: boolean) {
  const folder = await mkdtemp(join(tmpdir(), 'tailgate-proc-'))
  folders.push(folder)
  for (const [pid, parent, start] of processes) {
    await mkdir(join(folder, `${pid}/task/${pid}`), { recursive: true })
    const stat = `${pid} (a) b) S ${parent} 0 0 0 0 0 0 0 0 0 100 0 0 0 0 0 0 0 ${start} 0`
    await writeFile(join(folder, `${pid}/stat`), stat)
    await writeFile(join(folder, `${pid}/status`), 'VmHWM:\t 20 kB\nVmRSS:\t 10 kB\n')
    const below = processes.filter(([, of]) => of === pid).map(([child]) => child)
    if (lists) await writeFile(join(folder, `${pid}/task/${pid}/children`), below.map((child) => `${child} `).join(''))
  }
  await writeFile(join(folder, 'uptime'), '1 1')
  return folder
}

const TREE = [
  [10, 1, 5],
  [11, 10, 6],
  [12, 11, 7],
  [20, 1, 5]
] as const

test.each([true, false])('with lists of children (%s) the same tree is found', async (lists) => {
  const folder = await layOut(TREE, lists)

  expect(await listDescendants(folder, 10)).toEqual([10, 11, 12])
  expect(await (await createResourceReader(10, folder)).read()).toEqual({
    pids: [10, 11, 12],
    rssBytes: 30_720,
    peakRssBytes: 61_440,
    cpuTimeNs: 3_000_000_000
  })
})

test('processes that are each other’s children are read once', async () => {
  const folder = await layOut(
    [
      [10, 11, 5],
      [11, 10, 6]
    ],
    true
  )

  expect(await listDescendants(folder, 10)).toEqual([10, 11])
})

test('a side that starts very many is not followed for ever', async () => {
  const many = Array.from({ length: 400 }, (_, index) => [100 + index, 10, 6] as const)
  const folder = await layOut([[10, 1, 5], ...many], false)

  expect(await listDescendants(folder, 10)).toHaveLength(256)
})

test('another process under the same number is not ours', async () => {
  const folder = await layOut(TREE, true)
  const reader = await createResourceReader(10, folder)
  await writeFile(join(folder, '10/stat'), '10 (other) S 1 0 0 0 0 0 0 0 0 0 1 0 0 0 0 0 0 0 999 0')

  expect(await reader.read()).toBeNull()
})

test('a system without /proc tells nothing', async () => {
  expect(await (await createResourceReader(process.pid, '/nowhere')).read()).toBeNull()
})
