import { chmod, mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { prepareWorkRoot, WorkRootError } from '#workers/prepare-work-root.ts'

let folder: string

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tailgate-work-root-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('makes a folder that only its user may enter', async () => {
  const path = await prepareWorkRoot(join(folder, 'work'))

  expect((await stat(path)).mode & 0o777).toBe(0o700)
  expect(await prepareWorkRoot(path)).toBe(path)
})

test('refuses a folder that others may write to', async () => {
  await chmod(folder, 0o777)

  await expect(prepareWorkRoot(folder)).rejects.toThrow(/Others may write .* Set WORK_DIR/)
})

test('says what is wrong where no folder can be made', async () => {
  await writeFile(join(folder, 'file'), '')

  await expect(prepareWorkRoot(join(folder, 'file', 'work'))).rejects.toThrow(WorkRootError)
})
