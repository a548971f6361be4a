import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const BENCH = resolve(import.meta.dirname, '../../../src/scripts/bench.ts')
const FIXTURE = resolve(import.meta.dirname, '../../fixtures/measurements/cls-as-is.json.gz')

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-verdict-'))
})

afterAll(async () => {
  await rm(folder, { recursive: true, force: true })
})

function runVerdict(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((settle) => {
    const child = execFile(process.execPath, [BENCH, 'verdict', ...args], (_error, stdout, stderr) => {
      settle({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

describe('npm run bench -- verdict', () => {
  test('prints tables, and writes the counts and the plot', async () => {
    const [json, plot] = [join(folder, 'figures.json'), join(folder, 'rules.svg')]

    const { code, stdout } = await runVerdict(FIXTURE, '--draws', '5', '--json', json, '--plot', plot)

    expect(code).toBe(0)
    expect(stdout).toMatch(/^### Verdicts on recorded launches\n/)
    expect(JSON.parse(await readFile(json, 'utf8'))).toMatchObject({ draws: 5, recordings: [{ launches: 12 }] })
    expect(await readFile(plot, 'utf8')).toMatch(/^<svg /)
  })

  test('refuses a file in another format without drawing from the others', async () => {
    const bad = join(folder, 'bad.json')
    await writeFile(bad, '{"format": "other/1", "cases": []}')

    const { code, stdout, stderr } = await runVerdict(FIXTURE, bad)

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toMatch(/^error: .*bad\.json: .*format/)
  })

  test.each([
    ['--draws', '0'],
    ['--draws', '1.5'],
    ['--seed', '-1'],
    ['--speed', '3']
  ])('refuses %s %s as wrong usage', async (...args) => {
    const { code, stdout } = await runVerdict(FIXTURE, ...args)

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  test('says when a file cannot be written', async () => {
    const { code, stderr } = await runVerdict(FIXTURE, '--draws', '1', '--json', join(folder, 'nowhere', 'x.json'))

    expect(code).toBe(2)
    expect(stderr).toContain('cannot be written')
  })
})
