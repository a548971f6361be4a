import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'

const BENCH = resolve(import.meta.dirname, '../../src/scripts/bench.ts')

function runBench(
  ...args: string[]
): Promise<{ readonly code: number; readonly stdout: string; readonly stderr: string }> {
  return new Promise((settle) => {
    const child = execFile(process.execPath, [BENCH, ...args], (_error, stdout, stderr) => {
      settle({ code: child.exitCode ?? -1, stdout, stderr })
    })
  })
}

describe('npm run bench', () => {
  test('explains itself', async () => {
    const { code, stdout } = await runBench('--help')

    expect(code).toBe(0)
    for (const word of ['harness', 'intake', 'judge', 'load', '--seconds', 'Examples:', 'Exit codes:'])
      expect(stdout).toContain(word)
  })

  test.each([[['cake']], [['--seconds', '0']], [['harness', 'intake']]])('refuses %j as wrong usage', async (args) => {
    const { code, stdout, stderr } = await runBench(...args)

    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('--help')
  })
})
