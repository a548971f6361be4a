import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { probeBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { findSetpriv } from '#workers/sandbox/find-setpriv.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'
import { type Probe, startProbe } from '../../fixtures/sandbox/start-probe.ts'

const PROBE = resolve('test/fixtures/sandbox/probe.ts')
const SUPERVISOR = resolve('test/fixtures/sandbox/supervisor.ts')
const HANGING_SUPERVISOR = resolve('test/fixtures/side/hanging-supervisor.ts')
const MODEL = resolve('node_modules/@ricky0123/vad-web/dist/silero_vad_v5.onnx')
const SIDE_ENVIRONMENT = { PATH: '/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8', TZ: 'UTC', ORT_DISABLE_TELEMETRY: '1' }
const SECRET = `secret-${randomUUID()}`

const setpriv = await findSetpriv()
const bubblewrap = await probeBubblewrap()
const bubblewrapPath = bubblewrap.kind === 'usable' ? bubblewrap.path : ''
const skipNote = bubblewrap.kind === 'usable' ? '' : ` (skipped: ${bubblewrap.reason})`

let workDirectory: string
let checkoutDirectory: string
let outsideFile: string
const started: Probe[] = []
const children: ChildProcess[] = []

beforeAll(() => {
  workDirectory = mkdtempSync(join(tmpdir(), 'tailgate-sandbox-'))
  checkoutDirectory = mkdtempSync(join(workDirectory, 'checkout-'))
  writeFileSync(join(checkoutDirectory, 'model.bin'), 'model bytes')
  outsideFile = join(workDirectory, 'outside.txt')
  writeFileSync(outsideFile, SECRET)
})

afterEach(async () => {
  await Promise.all(started.splice(0).map((probe) => probe.stop()))
  for (const child of children.splice(0)) child.kill('SIGKILL')
})

afterAll(() => {
  rmSync(workDirectory, { recursive: true, force: true })
})

function startSide(bubblewrapOrNull: string | null, extraArguments: readonly string[] = []): Probe {
  const command = sideCommand({
    nodePath: process.execPath,
    sideProgram: PROBE,
    checkoutDirectory,
    bubblewrap: bubblewrapOrNull
  })
  const probe = startProbe(command, extraArguments)
  started.push(probe)
  return probe
}

/** A process of the same user with a secret in its environment, as the worker is one. */
function startNeighbour(): ChildProcess {
  const child = spawn('sleep', ['600'], { env: { PATH: '/usr/bin:/bin', TOKEN: SECRET }, stdio: 'ignore' })
  children.push(child)
  return child
}

/** Ids of processes on this machine whose command line holds the mark, as the host sees them. */
function findProcesses(mark: string): readonly string[] {
  return readdirSync('/proc').filter((name) => {
    try {
      return /^\d+$/.test(name) && readFileSync(`/proc/${name}/cmdline`, 'latin1').includes(mark)
    } catch {
      return false
    }
  })
}

async function waitUntilGone(mark: string): Promise<readonly string[]> {
  for (let look = 0; look < 200 && findProcesses(mark).length > 0; look++) await sleep(50)
  return findProcesses(mark)
}

async function withListener<T>(use: (port: number) => Promise<T>): Promise<T> {
  const server = createServer((socket) => socket.end())
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the listener has no port')
  try {
    return await use(address.port)
  } finally {
    server.close()
  }
}

describe.skipIf(bubblewrap.kind === 'unusable')(`a side in bubblewrap${skipNote}`, () => {
  test('answers on file descriptor 3 with the project code loaded', async () => {
    expect(await startSide(bubblewrapPath).ask({ ask: 'hello' })).toEqual({ nsPerMs: 1_000_000 })
  })

  test('cannot reach a server on the loopback address', async () => {
    const side = startSide(bubblewrapPath)

    const outcome = await withListener((port) => side.ask({ ask: 'connect', port }))

    expect(outcome).toEqual({ failed: 'ECONNREFUSED' })
  })

  test('has only the fixed environment', async () => {
    const environment = await startSide(bubblewrapPath).ask({ ask: 'environment' })

    expect(environment).toEqual({ ...SIDE_ENVIRONMENT, PWD: '/' })
  })

  test('sees no process of the host, so no environment and no command line', async () => {
    const neighbour = startNeighbour()
    const inside = startSide(bubblewrapPath)
    const outside = startSide(null)

    // The same question without a sandbox finds it.
    expect(await outside.ask({ ask: 'find in processes', text: SECRET })).toEqual([String(neighbour.pid)])
    expect(await inside.ask({ ask: 'find in processes', text: SECRET })).toEqual([])
    expect(await inside.ask({ ask: 'read', path: `/proc/${process.pid}/environ` })).toEqual({ failed: 'ENOENT' })
  })

  test('sees neither files beside its checkout nor the rest of the machine', async () => {
    const side = startSide(bubblewrapPath)

    expect(await side.ask({ ask: 'read', path: outsideFile })).toEqual({ failed: 'ENOENT' })
    expect(await side.ask({ ask: 'list', path: workDirectory })).toEqual({ ok: [checkoutDirectory.split('/').at(-1)] })
    expect(await side.ask({ ask: 'read', path: '/etc/passwd' })).toEqual({ failed: 'ENOENT' })
    expect(await side.ask({ ask: 'list', path: '/root' })).toEqual({ failed: 'ENOENT' })
    expect(await side.ask({ ask: 'list', path: resolve('src') })).toEqual({ ok: ['contracts', 'stats'] })
    expect(await side.ask({ ask: 'list', path: '/sys' })).toEqual({ ok: ['devices'] })
  })

  test('sees the engine that it loads, read-only, and not the one beside it', async () => {
    const engines = mkdtempSync(join(workDirectory, 'engines-'))
    for (const version of ['1.29.0', '1.30.0']) {
      mkdirSync(join(engines, version))
      writeFileSync(join(engines, version, 'engine.json'), version)
    }
    const command = sideCommand({
      nodePath: process.execPath,
      sideProgram: PROBE,
      checkoutDirectory,
      engineDirectories: [join(engines, '1.29.0')],
      bubblewrap: bubblewrapPath
    })
    const side = startProbe(command)
    started.push(side)

    expect(await side.ask({ ask: 'list', path: engines })).toEqual({ ok: ['1.29.0'] })
    expect(await side.ask({ ask: 'read', path: join(engines, '1.29.0', 'engine.json') })).toEqual({ ok: '1.29.0' })
    expect(await side.ask({ ask: 'write', path: join(engines, '1.29.0', 'x') })).toEqual({ failed: 'EROFS' })
  })

  test('reads its checkout but cannot write to it or anywhere but /tmp', async () => {
    const side = startSide(bubblewrapPath)

    expect(await side.ask({ ask: 'read', path: join(checkoutDirectory, 'model.bin') })).toEqual({ ok: 'model bytes' })
    for (const path of [join(checkoutDirectory, 'new'), '/new', '/usr/new', '/dev/new', resolve('workers/new')]) {
      expect(await side.ask({ ask: 'write', path })).toEqual({ failed: 'EROFS' })
    }
    expect(await side.ask({ ask: 'write temporary file' })).toEqual({ ok: null })
    expect(readdirSync(checkoutDirectory)).toEqual(['model.bin'])
  })

  test('is nobody, holds no capability and can gain none', async () => {
    const identity = await startSide(bubblewrapPath).ask({ ask: 'identity' })

    expect(identity).toMatchObject({ uid: 65534, gid: 65534 })
    expect(identity).toHaveProperty('status', expect.stringMatching(/CapEff:\t0+\nCapBnd:\t0+\n/))
    expect(identity).toHaveProperty('status', expect.stringMatching(/NoNewPrivs:\t1/))
  })

  test('loads a model and runs it', async () => {
    // Arrange: the model is in node_modules, which a side sees anyway.
    const side = startSide(bubblewrapPath)

    const outcome = await side.ask({ ask: 'infer', modelPath: MODEL })

    expect(outcome).toMatchObject({ outputs: ['output', 'stateN'], probability: expect.closeTo(0.0005, 1) })
    // onnxruntime complains here when its usage reports are on and cannot be sent.
    expect(side.stderr()).toBe('')
  })

  test('dies when the program that started it is killed', async () => {
    const mark = `mark-${randomUUID()}`
    const supervisor = spawn(process.execPath, [SUPERVISOR, bubblewrapPath, PROBE, checkoutDirectory, mark], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    children.push(supervisor)
    await once(supervisor.stdout, 'data')
    expect(findProcesses(mark).length).toBeGreaterThan(2)

    supervisor.kill('SIGKILL')

    expect(await waitUntilGone(mark)).toEqual([])
  })

  test('dies when bubblewrap itself is killed', async () => {
    const mark = `mark-${randomUUID()}`
    const side = startSide(bubblewrapPath, [mark])
    await side.ask({ ask: 'hello' })
    expect(findProcesses(mark).length).toBeGreaterThan(1)

    side.child.kill('SIGKILL')

    expect(await waitUntilGone(mark)).toEqual([])
  })
})

describe('a side without bubblewrap', () => {
  test('answers on file descriptor 3', async () => {
    expect(await startSide(null).ask({ ask: 'hello' })).toEqual({ nsPerMs: 1_000_000 })
  })

  test.skipIf(setpriv === null)('dies when the worker is killed while a model hangs (needs setpriv)', async () => {
    const mark = `mark-${randomUUID()}`
    const hangs = join(workDirectory, 'hangs')
    const supervisor = spawn(process.execPath, [HANGING_SUPERVISOR, setpriv ?? '', hangs, mark], { stdio: 'inherit' })
    children.push(supervisor)
    await expect.poll(() => existsSync(hangs), { timeout: 30_000 }).toBe(true)
    expect(findProcesses(mark)).toHaveLength(2)

    supervisor.kill('SIGKILL')

    expect(await waitUntilGone(mark)).toEqual([])
  })

  test('has only the fixed environment', async () => {
    const environment = await startSide(null).ask({ ask: 'environment' })

    expect(environment).toEqual(SIDE_ENVIRONMENT)
  })

  // Shows that the probe can see what it must not see in the sandbox: the tests above can fail.
  test('is not isolated: network and files of the user are open to it', async () => {
    const side = startSide(null)

    expect(await withListener((port) => side.ask({ ask: 'connect', port }))).toEqual({ ok: 'connected' })
    expect(await side.ask({ ask: 'read', path: outsideFile })).toEqual({ ok: SECRET })
    expect(await side.ask({ ask: 'list', path: workDirectory })).toEqual({
      ok: expect.arrayContaining(['outside.txt'])
    })
  })
})
