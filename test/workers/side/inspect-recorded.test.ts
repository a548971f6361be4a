import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { inspectRecorded } from '#workers/side/inspect-recorded.ts'

let parent = ''
let checkoutDirectory = ''

beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tailgate-recorded-'))
  checkoutDirectory = join(parent, 'checkout')
  await mkdir(join(checkoutDirectory, 'folder.npz'), { recursive: true })
  await writeFile(join(parent, 'secret.json'), '{}')
  await writeFile(join(checkoutDirectory, 'a.npz'), 'content')
  await writeFile(join(checkoutDirectory, 'empty.npy'), '')
  await writeFile(join(checkoutDirectory, 'notes.txt'), 'content')
  const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 1234\n`
  await writeFile(join(checkoutDirectory, 'pointer.npz'), pointer)
  await symlink('a.npz', join(checkoutDirectory, 'inside.npz'))
  await symlink('../secret.json', join(checkoutDirectory, 'outside.json'))
  await symlink('loop.npz', join(checkoutDirectory, 'loop.npz'))
})

afterAll(() => rm(parent, { recursive: true, force: true }))

function inspect(path: string) {
  return inspectRecorded({ side: 'candidate', checkoutDirectory, recorded: [{ path, input: 'x' }] })
}

describe('inspectRecorded', () => {
  test.each(['a.npz', 'inside.npz'])('%s is found, without symbolic links', async (path) => {
    expect(await inspect(path)).toEqual({
      kind: 'found',
      sources: [{ file: join(checkoutDirectory, 'a.npz'), path, input: 'x' }]
    })
  })

  test.each([
    ['missing.npy', /`missing.npy` is not in the candidate commit/],
    ['outside.json', /symbolic link out of the repository/],
    ['loop.npz', /symbolic link out of the repository/],
    ['folder.npz', /is a directory/],
    ['empty.npy', /is empty/],
    ['notes.txt', /is no file of samples/],
    ['pointer.npz', /is a Git LFS pointer: its object was not fetched/]
  ])('%s is refused', async (path, message) => {
    expect(await inspect(path)).toMatchObject({
      kind: 'failed',
      failure: { side: 'candidate', message: expect.stringMatching(message) }
    })
  })
})
