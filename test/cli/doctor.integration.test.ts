import { execFile } from 'node:child_process'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import { findFreePort } from '#src/cli/demo/find-free-port.ts'
import { sampleCalibration } from '#test/workers/calibration/sample-calibration.ts'
import { storeCalibration } from '#workers/calibration/store-calibration.ts'
import { readFingerprint } from '#workers/device/fingerprint.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

const PROGRAM = join(import.meta.dirname, '../../src/cli/main.ts')
const TOKEN = 'w0rker-t0ken-of-the-tests'
const PASSWORD = 'hunter2-hunter2'

const Output = z.object({
  ok: z.boolean(),
  findings: z.array(
    z.object({
      check: z.string(),
      level: z.enum(['ok', 'absent', 'warning', 'broken']),
      found: z.string(),
      advice: z.string().nullable(),
      details: z.array(z.string())
    })
  ),
  calibrations: z.array(z.object({ path: z.string(), calibration: z.object({ trust: z.string() }) }))
})

interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

function runDoctor(variables: Readonly<Record<string, string>>, ...args: string[]): Promise<Finished> {
  const env = { PATH: process.env.PATH ?? '', ...variables }
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, 'doctor', ...args], { env }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

async function examine(variables: Readonly<Record<string, string>>) {
  const finished = await runDoctor(variables, '--json')
  const output = Output.parse(JSON.parse(finished.stdout))
  return {
    ...finished,
    ...output,
    levelOf: (check: string) => output.findings.find((item) => item.check === check)?.level
  }
}

let folder = ''
let closedPort = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-doctor-test-'))
  closedPort = await findFreePort()
})
afterAll(() => rm(folder, { recursive: true, force: true }))

test('a machine without any setting is looked at, and nothing is left behind', async () => {
  const dataDir = join(folder, 'not', 'there', 'yet')

  const { stdout, stderr, exitCode } = await runDoctor({ DATA_DIR: dataDir })

  expect(exitCode).toBe(0)
  expect(stderr).toBe('')
  expect(stdout).toMatch(/^✓ ONNX Runtime +[\d.]+ ran a small model/m)
  expect(stdout).toMatch(/^✓ git +\d/m)
  expect(stdout).toMatch(/^(?:✓|·|!|✗) GPU /m)
  expect(stdout).toMatch(/^(?:✓|·|!) WebGPU +\S/m)
  expect(stdout).toMatch(/^(?:✓|!) CPU quota +\S/m)
  expect(stdout).toMatch(/^✓ data folder .* will be made$/m)
  expect(stdout).toMatch(/^! calibration +never calibrated\n +→ Run tailgate calibrate \(about \d+ minutes\)/m)
  expect(stdout).toMatch(/Nothing is broken; \d+ things? could be better \(!\)\.\n$/)
  expect(await readdir(folder)).toEqual([])
})

test('stored calibrations are shown, and a damaged file does not hide them', async () => {
  const dataDir = await mkdtemp(join(folder, 'data-'))
  const sandbox = (await findBubblewrap()) === null ? 'none' : 'bubblewrap'
  const fingerprint = await readFingerprint({ sandbox })
  await storeCalibration(dataDir, sampleCalibration({ fingerprint }))
  await writeFile(join(dataDir, 'calibrations', '20250101T000000000Z-00000000.json'), '{"format":')

  const { stdout } = await runDoctor({ DATA_DIR: dataDir })
  const { calibrations, exitCode, ok } = await examine({ DATA_DIR: dataDir })

  expect(stdout).toMatch(/^✓ calibration .*built-in\/default\/single_stream: trusted\n +p50: 1 of 20 false alarms/m)
  expect(stdout).toMatch(/^! calibration .*20250101T.* is left out\. .*not valid JSON/m)
  expect(calibrations).toMatchObject([{ calibration: { trust: 'trusted' } }])
  expect({ exitCode, ok }).toEqual({ exitCode: 0, ok: true })
})

test('what does not answer is broken, and no password is printed', async () => {
  const closed = `127.0.0.1:${closedPort}`
  const file = join(folder, 'file')
  await writeFile(file, '')
  const variables = {
    DATA_DIR: join(file, 'data'),
    REDIS_URL: `redis://user:${PASSWORD}@${closed}`,
    DATABASE_URL: `postgres://user:${PASSWORD}@${closed}/tailgate`,
    BOT_URL: `http://user:${PASSWORD}@${closed}`,
    WORKER_TOKEN: TOKEN
  }

  const { exitCode, ok, levelOf, stdout, stderr } = await examine(variables)

  expect({ exitCode, ok }).toEqual({ exitCode: 1, ok: false })
  expect(['data folder', 'Redis', 'Postgres', 'bot'].map(levelOf)).toEqual(Array(4).fill('broken'))
  expect(stdout + stderr).not.toContain(PASSWORD)
  expect(stdout + stderr).not.toContain(TOKEN)
})

test('addresses that are none are broken too, and are not repeated', async () => {
  const secret = `no address ${PASSWORD}`
  const variables = { DATA_DIR: folder, REDIS_URL: secret, DATABASE_URL: `postgres://${secret}:x`, BOT_URL: secret }

  const { exitCode, levelOf, stdout, stderr } = await examine(variables)

  expect(exitCode).toBe(1)
  expect(['Redis', 'Postgres', 'bot'].map(levelOf)).toEqual(Array(3).fill('broken'))
  expect(stdout + stderr).not.toContain(PASSWORD)
})

test('the help teaches, and a wrong option is a mistake in usage', async () => {
  const help = await runDoctor({}, '--help')
  const wrong = await runDoctor({}, '--fix')

  expect(help.exitCode).toBe(0)
  expect(help.stdout).toMatch(/Exit codes: 0 fine/)
  expect(wrong.exitCode).toBe(2)
})
