import { execFile, execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'

const PROGRAM = join(import.meta.dirname, '../../src/cli/main.ts')
const CONFIG = 'version: 1\nmodels:\n  vad: { path: models/vad.onnx }\n'

let folder: string
let repository: string

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-bad-arguments-'))
  repository = join(folder, 'repository')
  mkdirSync(join(repository, '.github'), { recursive: true })
  git('init', '--quiet', '--initial-branch=main')
  writeFileSync(join(repository, '.github/tailgate.yml'), CONFIG)
  commit('first')
  branch('docs', () => writeFileSync(join(repository, 'README.md'), '# Voice\n'))
  branch('more-docs', () => writeFileSync(join(repository, 'OTHER.md'), '# Voice\n'))
  branch('linked-config', () => {
    rmSync(join(repository, '.github/tailgate.yml'))
    writeFileSync(join(repository, 'bench.yml'), CONFIG)
    symlinkSync('../bench.yml', join(repository, '.github/tailgate.yml'))
  })
  branch('config-out-of-the-repository', () => {
    rmSync(join(repository, '.github/tailgate.yml'))
    symlinkSync('/etc/passwd', join(repository, '.github/tailgate.yml'))
  })
  branch('config-is-a-folder', () => {
    rmSync(join(repository, '.github/tailgate.yml'))
    mkdirSync(join(repository, '.github/tailgate.yml'))
    writeFileSync(join(repository, '.github/tailgate.yml/x'), CONFIG)
  })
  git('switch', '--quiet', '--orphan', 'unrelated')
  commit('unrelated')
  const shallow = ['clone', '--quiet', '--depth=1', '--no-single-branch', pathToFileURL(repository).href]
  git(...shallow, join(folder, 'shallow'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function git(...args: string[]): void {
  const identity = ['-c', 'user.name=Mona', '-c', 'user.email=mona@example.com', '-c', 'commit.gpgsign=false']
  execFileSync('git', [...identity, ...args], { cwd: repository })
}

function commit(message: string): void {
  git('add', '--all')
  git('commit', '--quiet', '--allow-empty', '--message', message)
}

function branch(name: string, change: () => void): void {
  git('switch', '--quiet', '--create', name, 'main')
  change()
  commit(name)
}

interface Finished {
  readonly exitCode: number
  readonly stdout: string
  readonly stderr: string
}

function tailgate(...args: string[]): Promise<Finished> {
  return new Promise((resolve) => {
    const child = execFile(process.execPath, [PROGRAM, ...args], { cwd: folder }, (_error, stdout, stderr) => {
      resolve({ exitCode: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

test.each([
  [['judge', '/dev/zero'], 'larger than 256 MiB'],
  [['check-config', '/dev/zero'], 'is a device'],
  [['check-config', '.'], 'cannot read .'],
  [['check-config', 'a\u001b[31mb'], 'a\\u{1b}[31mb'],
  [['compare', '--repo', 'a\u001b[31mb', '--base', 'x', '--head', 'y'], 'a\\u{1b}[31mb'],
  [['compare', '--repo', 'shallow', '--base', 'origin/docs', '--head', 'origin/more-docs'], 'git fetch --unshallow'],
  [['compare', '--repo', 'repository', '--base', 'main', '--head', 'unrelated'], 'no common history; there is nothing'],
  [['compare', '--repo', 'repository', '--base', 'main', '--head', '--output=stolen'], 'no commit, branch or tag']
])('tailgate %j ends with exit code 2 and one plain line', async (args, words) => {
  const { exitCode, stdout, stderr } = await tailgate(...args)

  expect(exitCode).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain(words)
  expect(stderr).toMatch(/^error: [^\p{Cc}]+\n$/u)
})

test.each([
  ['--json', 'missing/verdict.json', 'no folder missing'],
  ['--json', 'repository', 'is a folder'],
  ['--measurements', 'missing/raw.json', 'no folder missing']
])('%s %s is refused before anything is measured', async (option, file, words) => {
  const { exitCode, stdout, stderr } = await tailgate(
    ...['compare', '--repo', 'repository', '--base', 'main', '--head', 'docs', '--json', 'first.json', option, file]
  )

  expect(exitCode).toBe(2)
  expect(stdout).toBe('')
  expect(stderr).toContain(words)
  expect(existsSync(join(folder, 'first.json'))).toBe(false)
})

test('a configuration behind a symbolic link inside the commit is read', async () => {
  const { exitCode, stdout } = await tailgate(
    ...['compare', '--repo', 'repository', '--base', 'main', '--head', 'linked-config']
  )

  expect(exitCode).toBe(0)
  expect(stdout).toContain('vad/default/single_stream')
})

test.each(['config-out-of-the-repository', 'config-is-a-folder'])('%s: it counts as missing', async (head) => {
  const { exitCode, stdout } = await tailgate('compare', '--repo', 'repository', '--base', 'main', '--head', head)

  expect(exitCode).toBe(2)
  expect(stdout).toContain('Put .github/tailgate.yml back')
})
