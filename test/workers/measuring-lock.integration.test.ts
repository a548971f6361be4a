import { type ChildProcess, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, readFile, realpath, rm, symlink } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type Holder, nameHolder, type TriedLock, tryLock, waitForLock } from '#workers/measuring-lock.ts'

const HOLDER_PROGRAM = resolve('test/fixtures/measuring/hold-lock.ts')
const isLinux = process.platform === 'linux'

let dataDirectory = ''
let child: ChildProcess | null = null

beforeEach(async () => {
  dataDirectory = await mkdtemp(join(tmpdir(), 'tailgate-lock-'))
})

afterEach(async () => {
  child?.kill('SIGKILL')
  child = null
  await rm(dataDirectory, { recursive: true })
})

async function holdElsewhere(): Promise<ChildProcess> {
  child = spawn(process.execPath, [HOLDER_PROGRAM, dataDirectory], { stdio: ['ignore', 'pipe', 'inherit'] })
  if (child.stdout !== null) await once(child.stdout, 'data')
  return child
}

async function take(work: Holder['work'] = 'calibration'): Promise<Extract<TriedLock, { kind: 'taken' }>> {
  const tried = await tryLock({ dataDirectory, work })
  if (tried.kind !== 'taken') throw new Error('The lock is not free.')
  return tried
}

/** The name of the lock that is held now, as everybody on this machine can read it. */
async function findLockName(folder: string): Promise<string> {
  const before = await readFile('/proc/net/unix', 'utf8')
  const digest = createHash('sha256')
    .update(await realpath(folder))
    .digest('hex')
    .slice(0, 32)
  const name = `tailgate-${digest}`
  if (!before.includes(`@${name}`)) throw new Error('The lock has another name.')
  return `\0${name}`
}

describe.skipIf(!isLinux)(`the measuring lock${isLinux ? '' : ' (skipped: needs Linux)'}`, () => {
  test('is held by one, who is named to the others, and is free again after its release', async () => {
    const { release } = await take('job')

    expect(await tryLock({ dataDirectory, work: 'calibration' })).toEqual({
      kind: 'busy',
      holder: { work: 'job', pid: process.pid }
    })
    release()
    const again = await take()
    again.release()
  })

  test('is one lock by whatever path its folder is named, and another one for another folder', async () => {
    const { release } = await take()
    const link = join(dataDirectory, 'link')
    await symlink(dataDirectory, link)

    expect(await tryLock({ dataDirectory: link, work: 'job' })).toMatchObject({ kind: 'busy' })
    const other = await tryLock({ dataDirectory: join(dataDirectory, 'not-there-yet'), work: 'job' })
    expect(other.kind).toBe('taken')
    if (other.kind === 'taken') other.release()
    release()
  })

  test('does not outlive a process that was killed', async () => {
    const holder = await holdElsewhere()
    expect(await tryLock({ dataDirectory, work: 'calibration' })).toEqual({
      kind: 'busy',
      holder: { work: 'job', pid: holder.pid }
    })

    holder.kill('SIGKILL')
    await once(holder, 'exit')

    const { release } = await take()
    release()
  })

  test('goes to the one that waits, before the next job', async () => {
    const { release } = await take('job')
    const told = Promise.withResolvers<Holder | null>()
    const signal = new AbortController().signal
    const calibration = waitForLock({ dataDirectory, work: 'calibration', signal, waiting: told.resolve })
    expect(await told.promise).toEqual({ work: 'job', pid: process.pid })

    release()

    // What a busy worker does at once.
    expect(await tryLock({ dataDirectory, work: 'job' })).toMatchObject({ kind: 'busy' })
    const releaseCalibration = await calibration
    releaseCalibration()
    const next = await take('job')
    next.release()
  })

  test('is not held up by a holder that never finishes what it says', async () => {
    const { release } = await take()
    const name = await findLockName(dataDirectory)
    release()
    const endless = createServer((socket) => {
      socket.on('error', () => undefined).on('close', () => clearInterval(timer))
      const timer = setInterval(() => socket.write(' '), 500)
    })
    await once(endless.listen(name), 'listening')

    const tried = await tryLock({ dataDirectory, work: 'calibration' })

    endless.close()
    expect(tried).toEqual({ kind: 'busy', holder: null })
    // It may be anything; to call it a calibration would send its reader after the wrong thing.
    expect(nameHolder(null)).toBe('another process')
  }, 10_000)

  test('is not waited for any more by a job that is stopped', async () => {
    const { release } = await take()
    const controller = new AbortController()
    const waiting = () => controller.abort()

    const releaseNothing = await waitForLock({ dataDirectory, work: 'job', signal: controller.signal, waiting })

    releaseNothing()
    expect(await tryLock({ dataDirectory, work: 'job' })).toMatchObject({
      kind: 'busy',
      holder: { work: 'calibration' }
    })
    release()
    const after = await take()
    after.release()
  })
})
