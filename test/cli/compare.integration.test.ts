import { execFile, execFileSync } from 'node:child_process'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, '../../src/cli/main.ts')
const MODELS = dirname(createRequire(import.meta.url).resolve('@ricky0123/vad-web'))

const CONFIG = `version: 1
models:
  vad:
    path: models/vad.onnx
    inputs: { shapes: { input: [1, 512] }, values: { sr: 16000 } }
scenarios: { single_stream: {} }
measuring: { round_seconds: 0.2, warm_up_seconds: 0, warm_up_requests: 5, max_rounds: 16 }
`

let folder: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-compare-test-'))
  git('init', '--quiet', '--initial-branch=main')
  mkdirSync(join(folder, '.github'))
  mkdirSync(join(folder, 'models'))
  writeFileSync(join(folder, '.github/tailgate.yml'), CONFIG)
  cpSync(join(MODELS, 'silero_vad_v5.onnx'), join(folder, 'models/vad.onnx'))
  commit('first')
  change('slow', '.github/tailgate.yml', `${CONFIG}sessions: { default: { graph_optimization_level: disabled } }\n`)
  change('docs', 'README.md', '# Voice\n')
  change('broken', '.github/tailgate.yml', CONFIG.replace('path:', 'paht:'))
  change('hostile', '.github/tailgate.yml', CONFIG.replace('models/vad.onnx', '"models/\\u202Exnno.onnx"'))
  change('not-a-model', 'models/vad.onnx', 'this is no model')
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Mona', '-c', 'user.email=mona@example.com', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...identity, ...args], { cwd: folder })
}

function commit(message: string): void {
  git('add', '--all')
  git('commit', '--quiet', '--message', message)
}

function change(branch: string, path: string, text: string): void {
  git('switch', '--quiet', '--create', branch, 'main')
  writeFileSync(join(folder, path), text)
  commit(branch)
}

interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

function compare(...args: string[]): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, 'compare', ...args], (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

test('a slower session closes the gate, and says so as text, as JSON and as measurements', async () => {
  const raw = join(folder, '..', 'tailgate-raw.json')

  const { exitCode, stdout, stderr } = await compare(
    ...['--repo', folder, '--base', 'main', '--head', 'slow', '--json', '-', '--measurements', raw]
  )

  expect({ exitCode, stderr }).toMatchObject({ exitCode: 1 })
  expect(JSON.parse(stdout)).toMatchObject({
    verdict: 'regression',
    cases: [{ id: 'vad/default/single_stream', verdict: 'regression' }]
  })
  expect(stderr).toContain('round 6')
  expect(JSON.parse(readFileSync(raw, 'utf8'))).toMatchObject({ format: 'tailgate.measurements/1' })
  rmSync(raw)
})

test('a docs-only change passes without measuring', async () => {
  const { exitCode, stdout } = await compare('--repo', folder, '--base', 'main', '--head', 'docs')

  expect(exitCode).toBe(0)
  expect(stdout).toContain('Nothing that Tailgate measures was changed')
})

test('a broken configuration is a usage error that names file, line and key', async () => {
  const { exitCode, stdout } = await compare('--repo', folder, '--base', 'main', '--head', 'broken')

  expect(exitCode).toBe(2)
  expect(stdout).toContain('.github/tailgate.yml:4')
  expect(stdout).toContain('paht')
})

test('what a commit holds cannot rewrite the terminal that the JSON is printed to', async () => {
  const args = ['--repo', folder, '--base', 'main', '--head', 'hostile', '--json', '-']

  const { exitCode, stdout, stderr } = await compare(...args)

  expect(exitCode).toBe(3)
  expect(JSON.stringify(JSON.parse(stdout))).toContain('models/\u202Exnno.onnx')
  expect(stdout + stderr).not.toContain('\u202E')
})

test('a file that is no model gives no verdict and says what to do', async () => {
  const { exitCode, stdout } = await compare('--repo', folder, '--base', 'main', '--head', 'not-a-model')

  expect(exitCode).toBe(3)
  expect(stdout).toContain('models/vad.onnx')
})

test.each([
  ['a folder that is no repository', ['--repo', tmpdir(), '--base', 'main', '--head', 'slow'], 'not a git repository'],
  ['a ref that does not exist', ['--base', 'main', '--head', 'nowhere'], 'nowhere is no commit'],
  ['a ref that looks like an option', ['--base', 'main', '--head=--help'], '--help is no commit'],
  ['no base', ['--head', 'slow'], '--base']
])('%s is a usage error', async (_name, args, text) => {
  const repo = args.includes('--repo') ? [] : ['--repo', folder]

  const { exitCode, stderr } = await compare(...repo, ...args)

  expect(exitCode).toBe(2)
  expect(stderr).toContain(text)
})
