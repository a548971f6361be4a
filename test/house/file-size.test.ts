import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const MAX_LINES = 300

function typescriptFiles(folder: string): readonly string[] {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name))
}

function countLines(path: string): number {
  return readFileSync(join(ROOT, path), 'utf8').trimEnd().split('\n').length
}

test.each(['src', 'workers'])(`every file in %s has at most ${MAX_LINES} lines`, (folder) => {
  const tooLong = typescriptFiles(folder)
    .map((path) => ({ path, lines: countLines(path) }))
    .filter(({ lines }) => lines > MAX_LINES)
  expect(tooLong).toEqual([])
})
