import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { Worker } from 'node:worker_threads'
import { describe, expect, test } from 'vitest'
import { readAllowedCores } from '#workers/device/choose-cores.ts'

const canMove = process.platform === 'linux' && existsSync('/usr/bin/taskset')
const PROGRAM = new URL('../../../workers/device/pin-this-thread.ts', import.meta.url)

/** Pins a thread of this process and returns what it was told, and where it is then. */
async function pinThread(...args: readonly unknown[]): Promise<{ readonly moved: boolean; readonly cores: string }> {
  const code = `
    const { readFileSync } = require('node:fs')
    const { parentPort, workerData } = require('node:worker_threads')
    import(workerData.program).then(({ pinThisThread }) => {
      const moved = pinThisThread(...workerData.args)
      const status = readFileSync('/proc/thread-self/status', 'utf8')
      parentPort.postMessage({ moved, cores: /^Cpus_allowed_list:\\s*(\\S+)$/m.exec(status)[1] })
    })`
  const thread = new Worker(code, { eval: true, workerData: { program: PROGRAM.href, args } })
  const [message] = await once(thread, 'message')
  await thread.terminate()
  return message
}

async function mainThreadCores(): Promise<string | undefined> {
  const status = await readFile(`/proc/${process.pid}/status`, 'utf8')
  return /^Cpus_allowed_list:\s*(\S+)$/m.exec(status)?.[1]
}

describe.skipIf(!canMove)('pinning a thread', () => {
  test('moves it, and leaves the main thread where it is', async () => {
    const before = await mainThreadCores()
    const core = (await readAllowedCores())?.at(-1) ?? 0

    expect(await pinThread([core])).toEqual({ moved: true, cores: `${core}` })
    expect(await mainThreadCores()).toBe(before)
  })

  test('leaves it where it is when the cores are not there, or no program to move it', async () => {
    const cores = await mainThreadCores()

    expect(await pinThread([100_000])).toEqual({ moved: false, cores })
    expect(await pinThread([0], '/nonexistent/taskset')).toEqual({ moved: false, cores })
  })
})
