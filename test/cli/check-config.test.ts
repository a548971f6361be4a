import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { checkConfigText, registerCheckConfig } from '#src/cli/check-config.ts'

let folder = ''

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-check-config-'))
})

afterEach(() => {
  rmSync(folder, { recursive: true })
  process.exitCode = undefined
})

/** Runs `tailgate check-config FILE` in this process. */
function runCheckConfig(file: string): { readonly output: string; readonly exitCode: unknown } {
  let output = ''
  const program = new Command('tailgate').exitOverride().configureOutput({
    writeOut: (text) => {
      output += text
    }
  })
  registerCheckConfig(program)
  program.parse(['check-config', file], { from: 'user' })
  return { output, exitCode: process.exitCode }
}

test('a valid file prints its cases and exits with 0', () => {
  const file = join(folder, 'tailgate.yml')
  writeFileSync(file, 'version: 1\nmodels:\n  vad: { path: models/vad.onnx }\n  x: { path: x.onnx }\n')
  const { output, exitCode } = runCheckConfig(file)
  expect(exitCode).toBe(0)
  expect(output).toBe(`${file} is valid. It makes 4 cases, each measured in at most 24 rounds of 1 s:
  vad/default/single_stream  models/vad.onnx
  vad/default/offline        models/vad.onnx
  x/default/single_stream    x.onnx
  x/default/offline          x.onnx
`)
})

test('a file with mistakes prints them, one a line, and exits with 2', () => {
  const file = join(folder, 'tailgate.yml')
  writeFileSync(file, 'version: 1\nmodels:\n  vad: {}\ngates: 1\n')
  const { output, exitCode } = runCheckConfig(file)
  expect(exitCode).toBe(2)
  const lines = output.trimEnd().split('\n')
  expect(lines).toHaveLength(2)
  expect(lines[0]).toMatch(/tailgate\.yml:3: models\.vad\.path: required key is missing/)
  expect(lines[1]).toMatch(/tailgate\.yml:4: gates: unknown key; did you mean "gate"\?/)
})

test('bytes that are not UTF-8 are a mistake at their line', () => {
  const file = join(folder, 'tailgate.yml')
  writeFileSync(file, Buffer.from([0x23, 0x0a, 0x23, 0xe9, 0x0a]))
  expect(runCheckConfig(file).output).toBe(`${file}:2: the file is not valid UTF-8 here; save it as UTF-8\n`)
})

test('a file that is not there is a usage error that names it', () => {
  const file = join(folder, 'missing.yml')
  expect(() => runCheckConfig(file)).toThrow(`cannot read ${file}: `)
})

test('one case is one case, and rounds are as few as the file says', () => {
  const text = 'version: 1\nmodels: { a: { path: a.onnx } }\nscenarios: { offline: {} }\nmeasuring: { max_rounds: 9 }\n'
  expect(checkConfigText(text, 'f').output).toBe(
    'f is valid. It makes 1 case, measured in at most 9 rounds of 1 s:\n  a/default/offline  a.onnx\n'
  )
})
