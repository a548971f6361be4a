import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exitCodeOf, judgeFile, registerJudge } from '#src/cli/judge.ts'
import { simulateCase } from '#test/stats/build-measurements.ts'

/** The first 12 launches of two arms of a recording: a real model, real noise, blocks of 3 requests. */
const RECORDED = new URL('../fixtures/measurements/cls-as-is.json.gz', import.meta.url).pathname

let folder = ''
let exitCodeBefore: typeof process.exitCode

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'judge-'))
  exitCodeBefore = process.exitCode
})

afterEach(async () => {
  process.exitCode = exitCodeBefore
  await rm(folder, { recursive: true })
})

async function save(name: string, cases: readonly unknown[]): Promise<string> {
  const path = join(folder, name)
  await writeFile(path, JSON.stringify({ format: 'tailgate.measurements/1', cases }))
  return path
}

async function run(...args: readonly string[]) {
  let out = ''
  let err = ''
  const program = new Command('tailgate').exitOverride().configureOutput({
    writeOut: (text) => {
      out += text
    },
    writeErr: (text) => {
      err += text
    }
  })
  registerJudge(program)
  process.exitCode = undefined
  await program.parseAsync(['node', 'tailgate', 'judge', ...args])
  return { out, err, exitCode: process.exitCode }
}

describe('judgeFile, on recorded measurements', () => {
  it('tells 5 % of added work from identical code on a noisy machine', async () => {
    const outcome = await judgeFile(RECORDED)

    if (outcome.kind !== 'judged') throw new Error(outcome.message)
    expect(outcome.report.verdict).toBe('regression')
    expect(outcome.report.cases.map(({ id, verdict }) => [id, verdict])).toEqual([
      ['slower-0pct', 'unchanged'],
      ['slower-5pct', 'regression']
    ])
    const p50 = outcome.report.cases[1]?.metrics[0]
    expect(p50?.relativeChange).toBeGreaterThan(0.03)
    expect(p50?.relativeChange).toBeLessThan(0.06)
  })

  it('reports each metric with unit, levels, change, interval and verdict, and nothing else', async () => {
    const outcome = await judgeFile(RECORDED)

    if (outcome.kind !== 'judged') throw new Error(outcome.message)
    const metrics = outcome.report.cases[0]?.metrics ?? []
    expect(metrics.map(({ metric, unit }) => `${metric} ${unit}`)).toEqual([
      'p50 ns',
      'throughput requests/s',
      'p95 ns',
      'p99 ns',
      'slow_share share'
    ])
    for (const row of metrics) {
      expect(Object.keys(row)).toEqual([
        'metric',
        'unit',
        'baseline',
        'candidate',
        'relativeChange',
        'interval',
        'verdict'
      ])
      const [low, high] = row.interval ?? [Number.NaN, Number.NaN]
      expect(low).toBeLessThan(row.relativeChange ?? Number.NaN)
      expect(high).toBeGreaterThan(row.relativeChange ?? Number.NaN)
    }
  })
})

describe('tailgate judge', () => {
  it('prints one sentence with the verdict first and exits 1 for a regression', async () => {
    const { out, err, exitCode } = await run(RECORDED)

    expect(out.split('\n')[0]).toBe('Regression: 1 of 2 cases (slower-5pct) got slower.')
    expect(err).toBe('')
    expect(exitCode).toBe(1)
  })

  it('exits 0 for unchanged and improvement, 1 for regression and mixed, 3 for inconclusive', async () => {
    const same = simulateCase({ id: 'same' })
    const slower = simulateCase({ id: 'slower', slowdown: 1.2 })
    const faster = simulateCase({ id: 'faster', slowdown: 0.8 })
    const short = simulateCase({ id: 'short', launches: 3 })

    expect((await run(await save('same.json', [same]))).exitCode).toBe(0)
    expect((await run(await save('faster.json', [faster]))).exitCode).toBe(0)
    expect((await run(await save('slower.json', [slower, same]))).exitCode).toBe(1)
    expect((await run(await save('mixed.json', [slower, faster]))).exitCode).toBe(1)
    expect((await run(await save('short.json', [short, faster]))).exitCode).toBe(3)
    expect(exitCodeOf('mixed')).toBe(1)
  })

  it('writes the verdict as JSON beside the table', async () => {
    const target = join(folder, 'verdict.json')

    const { out, exitCode } = await run(await save('same.json', [simulateCase()]), '--json', target)

    expect(out).toContain('Unchanged')
    expect(exitCode).toBe(0)
    expect(JSON.parse(await readFile(target, 'utf8'))).toMatchObject({
      verdict: 'unchanged',
      cases: [{ id: 'model/cpu/single', verdict: 'unchanged' }]
    })
  })

  it('prints only JSON for --json -', async () => {
    const { out } = await run(await save('same.json', [simulateCase()]), '--json', '-')

    expect(JSON.parse(out)).toMatchObject({ verdict: 'unchanged' })
  })

  it('exits 2 with one line when the file is bad', async () => {
    const { out, err, exitCode } = await run(await save('bad.json', [{ id: 'x' }]))

    expect(out).toBe('')
    expect(err).toMatch(/^error: .*bad\.json: line 1, column 46: case "x" .*key blocks: is missing.*\n$/)
    expect(exitCode).toBe(2)
  })

  it('exits 2 when the verdict cannot be written', async () => {
    const { err, exitCode } = await run(
      await save('same.json', [simulateCase()]),
      '--json',
      join(folder, 'no', 'where')
    )

    expect(err).toContain('the verdict cannot be written')
    expect(exitCode).toBe(2)
  })

  it('refuses to write the verdict over the measurements', async () => {
    const path = await save('same.json', [simulateCase()])

    const { err, exitCode } = await run(path, '--json', path)

    expect(err).toContain('names the file of measurements itself')
    expect(exitCode).toBe(2)
    expect(await readFile(path, 'utf8')).toContain('tailgate.measurements/1')
  })

  it('explains itself with the format, examples and exit codes', async () => {
    const program = new Command('tailgate')
    registerJudge(program)
    let help = ''
    program.commands[0]?.configureOutput({
      writeOut: (text) => {
        help += text
      }
    })

    program.commands[0]?.outputHelp()

    expect(help).toContain('tailgate.measurements/1')
    expect(help).toContain('$ tailgate judge measurements.json')
    expect(help).toContain('3 no verdict')
  })
})
