import { mkdtempSync, readdirSync, realpathSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { startProbe } from '#test/fixtures/sandbox/start-probe.ts'
import { startSideProcess } from '#workers/measure/side-process.ts'
import { fillCodeCache } from '#workers/sandbox/fill-code-cache.ts'
import { probeBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'

const SIDE_PROGRAM = resolve('workers/side/main.ts')
const PROBE = resolve('test/fixtures/sandbox/probe.ts')

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

function fill(sandbox: string | null, sideProgram = SIDE_PROGRAM): Promise<boolean> {
  return fillCodeCache({ nodePath, sideProgram, bubblewrap: sandbox, directory })
}

describe('fillCodeCache', () => {
  test('leaves compiled code in the folder, and filling it again adds nothing', async () => {
    expect(await fill(null)).toBe(true)
    const files = listFiles()
    await fill(null)

    expect(files.length).toBeGreaterThan(5)
    expect(listFiles()).toEqual(files)
  })

  test('says so when the program fails', async () => {
    expect(await fill(null, resolve('test/fixtures/side/absent.ts'))).toBe(false)
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

    const side = await startSideProcess(command, new AbortController().signal)
    await side.stop()

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
