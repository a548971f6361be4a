import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startProbe } from '#test/fixtures/sandbox/start-probe.ts'
import { startLaunch } from '#workers/measure/start-launch.ts'
import { type CodeCacheOptions, fillCodeCache } from '#workers/sandbox/fill-code-cache.ts'
import { probeBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'

const SIDE_PROGRAM = resolve('workers/side/main.ts')
const PROBE = resolve('test/fixtures/sandbox/probe.ts')
const ENDLESS_PROGRAM = resolve('test/fixtures/side/endless-side.ts')

const found = await probeBubblewrap()
const bubblewrap = found.kind === 'usable' ? found.path : null
const skipNote = found.kind === 'usable' ? '' : ` (skipped: ${found.reason})`
const nodePath = process.execPath
let directory = ''

beforeEach(() => {
  directory = realpathSync(mkdtempSync(join(tmpdir(), 'tailgate-code-cache-')))
})

afterEach(() => rmSync(directory, { recursive: true }))

function listFiles(): readonly string[] {
  const entries = readdirSync(directory, { recursive: true, encoding: 'utf8' })
  return entries.filter((name) => statSync(join(directory, name)).isFile()).sort()
}

function fill(sandbox: string | null, changes: Partial<CodeCacheOptions> = {}): Promise<boolean> {
  const signal = new AbortController().signal
  return fillCodeCache({ nodePath, sideProgram: SIDE_PROGRAM, bubblewrap: sandbox, directory, signal, ...changes })
}

describe('fillCodeCache', () => {
  test('leaves compiled code in the folder, and filling it again adds nothing', async () => {
    expect(await fill(null)).toBe(true)
    const files = listFiles()
    await fill(null)

    expect(files.length).toBeGreaterThan(5)
    expect(listFiles()).toEqual(files)
  })

  test.each<[string, Partial<CodeCacheOptions>]>([
    ['the program fails', { sideProgram: resolve('test/fixtures/side/absent.ts') }],
    ['the program cannot be started', { nodePath: '/nowhere/node' }],
    ['the program is not what a path can be', { nodePath: 'no\0de' }],
    ['the job was cancelled', { signal: AbortSignal.abort() }]
  ])('says so when %s', async (_name, changes) => {
    expect(await fill(null, changes)).toBe(false)
  })

  test('ends with its job', async () => {
    const controller = new AbortController()
    const filling = fill(null, { sideProgram: ENDLESS_PROGRAM, signal: controller.signal })

    controller.abort()

    expect(await filling).toBe(false)
  })
})

describe.skipIf(bubblewrap === null)(`a side in bubblewrap with a code cache${skipNote}`, () => {
  test('starts with the cache, which it leaves as it is', async () => {
    await fill(bubblewrap)
    const files = listFiles()
    const codeCache = { directory, access: 'read' } as const
    const command = sideCommand({
      nodePath,
      sideProgram: SIDE_PROGRAM,
      checkoutDirectory: directory,
      bubblewrap,
      codeCache
    })

    const launch = startLaunch({ cores: null, commandOf: () => command, directory: tmpdir() })
    await launch.startSide('baseline', new AbortController().signal)
    await launch.stop()

    expect(files.length).toBeGreaterThan(5)
    expect(listFiles()).toEqual(files)
  })

  test('cannot put code into it', async () => {
    await fill(bubblewrap)
    const codeCache = { directory, access: 'read' } as const
    const probe = startProbe(
      sideCommand({ nodePath, sideProgram: PROBE, checkoutDirectory: directory, bubblewrap, codeCache }),
      []
    )

    try {
      expect(await probe.ask({ ask: 'write', path: join(directory, 'planted') })).toEqual({ failed: 'EROFS' })
    } finally {
      await probe.stop()
    }
  })
})
