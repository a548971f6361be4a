import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { Calibration } from '#contracts/calibration.ts'
import { listProcesses } from '#test/fixtures/side/list-processes.ts'
import { readCalibrations } from '#workers/calibration/read-calibrations.ts'
import { tryLock } from '#workers/measuring-lock.ts'

const PROGRAM = join(import.meta.dirname, '../../../src/cli/main.ts')
const MODELS = dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web'))

const CONFIG = `version: 1
models:
  vad:
    path: models/vad.onnx
    inputs: { shapes: { input: [1, 512] }, values: { sr: 16000 } }
scenarios: { single_stream: {} }
measuring: { round_seconds: 0.2, warm_up_seconds: 0, warm_up_requests: 5, max_rounds: 9 }
`
const QUICK = ['--comparisons', '1', '--round-seconds', '0.2']

let root: string
let repository: string
let data: string
let temporary: string

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'tailgate-calibrate-test-'))
  repository = join(root, 'repository')
  mkdirSync(join(repository, 'models'), { recursive: true })
  mkdirSync(join(repository, '.github'))
  git('init', '--quiet', '--initial-branch=main')
  writeFileSync(join(repository, 'README.md'), '# Voice\n')
  commit('empty', 'nothing yet')
  writeFileSync(join(repository, '.github/tailgate.yml'), CONFIG.replace('path:', 'paht:'))
  commit('broken', 'a broken configuration')
  writeFileSync(join(repository, '.github/tailgate.yml'), CONFIG)
  cpSync(join(MODELS, 'silero_vad_v5.onnx'), join(repository, 'models/vad.onnx'))
  commit('good', 'a model')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

beforeEach(() => {
  data = mkdtempSync(join(root, 'data-'))
  temporary = mkdtempSync(join(root, 'temporary-'))
})

/** A test that gives up must not leave its program measuring. */
let running: ChildProcess | null = null
afterEach(() => {
  if (running?.exitCode === null) running.kill('SIGINT')
})

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Mona', '-c', 'user.email=mona@example.com', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...identity, ...args], { cwd: repository })
}

function commit(tag: string, message: string): void {
  git('add', '--all')
  git('commit', '--quiet', '--message', message)
  git('tag', tag)
}

interface Running {
  readonly child: ChildProcess
  readonly output: { stdout: string; stderr: string }
  readonly finished: Promise<number | null>
}

function start(args: readonly string[], variables: Readonly<Record<string, string>> = {}): Running {
  const env = { ...process.env, DATA_DIR: data, TMPDIR: temporary, ...variables }
  const child = spawn(process.execPath, [PROGRAM, 'calibrate', ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] })
  running = child
  const output = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (chunk: string) => {
      output[name] += chunk
    })
  }
  return { child, output, finished: once(child, 'close').then(() => child.exitCode) }
}

async function calibrate(args: readonly string[], variables: Readonly<Record<string, string>> = {}) {
  const { output, finished } = start(args, variables)
  const exitCode = await finished
  return { exitCode, ...output }
}

test('what was found is printed also when it cannot be stored, and that is said', async () => {
  const { child, output, finished } = start(QUICK)
  while (!output.stderr.includes('round 1 of')) await once(child.stderr ?? child, 'data')
  rmSync(data, { recursive: true })
  writeFileSync(data, 'in the way')

  const exitCode = await finished

  expect(exitCode).toBe(3)
  expect(output.stdout).toContain('p50')
  expect(output.stdout).not.toContain('Stored as')
  expect(output.stderr).toMatch(/error: the calibration could not be stored below .*ENOTDIR.*DATA_DIR/)
})

test("a repository's cases are measured, printed and stored; six rounds are too short to trust", async () => {
  const raw = join(root, 'raw.json')

  const { exitCode, stdout, stderr } = await calibrate([
    ...['--repo', repository, '--ref', 'good', ...QUICK, '--json', '-', '--measurements', raw]
  ])

  expect({ exitCode, stderr }).toMatchObject({
    exitCode: 3,
    stderr: expect.stringContaining('1 case, 6 rounds of 200 ms, about')
  })
  const calibration = Calibration.parse(JSON.parse(stdout))
  expect(calibration).toMatchObject({ trust: 'too_short', cases: [{ caseId: 'vad/default/single_stream' }] })
  expect(calibration.cases[0]?.metrics.find(({ metric }) => metric === 'p50')).toMatchObject({
    rounds: 6,
    comparisons: 1
  })
  expect((await readCalibrations(data)).calibrations.map((stored) => stored.calibration)).toEqual([calibration])
  expect(JSON.parse(readFileSync(raw, 'utf8'))).toMatchObject({
    format: 'tailgate.measurements/1',
    cases: [{ id: 'vad/default/single_stream' }]
  })
  expect(readdirSync(temporary)).toEqual([])
})

test('an injected slowdown is found in the built-in model, and nothing is kept', async () => {
  const { exitCode, stdout, stderr } = await calibrate(['--inject', '150%', '--round-seconds', '0.3'])

  expect({ exitCode, stdout, stderr }).toMatchObject({ exitCode: 0 })
  expect(stdout).toContain('Found: regression')
  expect(stdout).toContain('Realised in built-in/default/single_stream: p50 +')
  expect(readdirSync(data)).toEqual([])
  expect(readdirSync(temporary)).toEqual([])
})

test('several slowdowns share their launches and are recorded under names of their own', async () => {
  const raw = join(root, 'arms.json')

  const { stdout } = await calibrate([
    ...['--repo', repository, '--inject', '0%', '--inject', '300%', '--round-seconds', '0.2'],
    ...['--json', '-', '--measurements', raw]
  ])

  const { injections } = JSON.parse(stdout)
  expect(injections).toMatchObject([
    { id: 'slower-0pct', injected: { fraction: 0, share: 1 } },
    { id: 'slower-300pct', asExpected: true, verdict: 'regression' }
  ])
  const { cases } = JSON.parse(readFileSync(raw, 'utf8'))
  expect(cases.map(({ id }: { readonly id: string }) => id)).toEqual(['slower-0pct', 'slower-300pct'])
  expect(cases[1].blocks.at(-1).launch).toBe(8)
})

test('Ctrl-C leaves no process, no file and no calibration behind', async () => {
  const { child, output, finished } = start(['--comparisons', '20'])
  await expect.poll(() => output.stderr, { timeout: 60_000 }).toContain('round 1 of')

  child.kill('SIGINT')

  expect(await finished).toBe(3)
  expect(output.stderr).toContain('Stopped: nothing was stored.')
  expect(listProcesses(temporary)).toEqual([])
  expect(readdirSync(temporary)).toEqual([])
  expect(readdirSync(data)).toEqual([])
})

test.skipIf(process.platform !== 'linux')('a machine on which a worker measures is left alone', async () => {
  const lock = await tryLock({ dataDirectory: data, work: 'job' })

  const { exitCode, stdout, stderr } = await calibrate(QUICK)

  if (lock.kind === 'taken') lock.release()
  expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' })
  expect(stderr).toContain(`a worker (pid ${process.pid}) is measuring on this machine`)
  expect(stderr).toContain('--wait')
})

test.skipIf(process.platform !== 'linux')('with --wait it is waited for', async () => {
  const lock = await tryLock({ dataDirectory: data, work: 'job' })
  const { child, output, finished } = start(['--comparisons', '20', '--wait'])
  await expect.poll(() => output.stderr, { timeout: 60_000 }).toContain('Waiting: a worker')
  expect(output.stderr).not.toContain('round 1 of')

  if (lock.kind === 'taken') lock.release()

  await expect.poll(() => output.stderr, { timeout: 60_000 }).toContain('round 1 of')
  child.kill('SIGINT')
  expect(await finished).toBe(3)
})

describe('bad input', () => {
  test.each([
    ['an unknown case', ['--cases', 'built-in/defualt/single_stream'], 'Did you mean built-in/default/single_stream?'],
    ['a bad percentage', ['--inject', '5'], 'Did you mean 5%?'],
    ['a bad count', ['--comparisons', 'x'], '--comparisons: "x" is no whole number'],
    ['a ref without a repository', ['--ref', 'main'], 'Give the repository too'],
    ['a folder that is no repository', ['--repo', tmpdir()], 'not a git repository'],
    ['a file in a folder that is not there', ['--json', '/nowhere/at/all.json'], 'there is no folder /nowhere/at'],
    ['an option that does not exist', ['--injekt', '5%'], '--inject']
  ])('%s is a usage error', async (_name, args, text) => {
    const { exitCode, stderr } = await calibrate(args)

    expect({ exitCode, stderr }).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(text) })
  })

  test('a commit without a configuration says where one belongs', async () => {
    const { exitCode, stderr } = await calibrate(['--repo', repository, '--ref', 'empty'])

    expect(exitCode).toBe(2)
    expect(stderr).toContain('has no .github/tailgate.yml')
  })

  test('a broken configuration is named by file, line and key', async () => {
    const { exitCode, stderr } = await calibrate(['--repo', repository, '--ref', 'broken'])

    expect(exitCode).toBe(2)
    expect(stderr).toContain('.github/tailgate.yml:4')
    expect(stderr).toContain('paht')
  })

  test('a data folder that cannot be one is refused before anything is measured', async () => {
    const file = join(root, 'a-file')
    writeFileSync(file, '')

    const { exitCode, stderr } = await calibrate([], { DATA_DIR: file })

    expect(exitCode).toBe(2)
    expect(stderr).toContain('Set DATA_DIR to another folder')
  })
})
