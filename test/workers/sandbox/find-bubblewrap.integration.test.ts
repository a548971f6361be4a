import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { findBubblewrap, probeBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'tailgate-bwrap-'))
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

function writeProgram(name: string, script: string): string {
  const path = join(directory, name)
  writeFileSync(path, `#!/bin/sh\n${script}\n`)
  chmodSync(path, 0o755)
  return path
}

describe.skipIf(process.platform !== 'linux')('probeBubblewrap', () => {
  test('says what to install when the program is missing', async () => {
    const probe = await probeBubblewrap({ candidatePaths: [join(directory, 'missing')] })

    expect(probe).toEqual({ kind: 'unusable', reason: expect.stringContaining('Install the package "bubblewrap"') })
  })

  test('does not take a program that is there but fails', async () => {
    const path = writeProgram('denied', 'echo "bwrap: setting up uid map: Permission denied" >&2; exit 1')

    expect(await probeBubblewrap({ candidatePaths: [path] })).toEqual({
      kind: 'unusable',
      reason: expect.stringContaining('setting up uid map: Permission denied')
    })
    expect(await findBubblewrap({ candidatePaths: [path] })).toBeNull()
  })

  test('takes the first program that is there and works', async () => {
    const path = writeProgram('works', 'exit 0')

    expect(await findBubblewrap({ candidatePaths: [join(directory, 'missing'), path] })).toBe(path)
  })
})
