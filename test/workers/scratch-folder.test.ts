import { mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { makeScratchFolder, removeLeftScratchFolders } from '#workers/scratch-folder.ts'

/** Larger than any that Linux or macOS gives. */
const DEAD_PID = 4_194_305
const THREE_DAYS_AGO = Date.now() / 1000 - 3 * 24 * 3600

let parent = ''

beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'tailgate-scratch-test-'))
})
afterEach(() => rm(parent, { recursive: true }))

/** A folder with a checkout in it, named as another process of this machine would. */
async function leaveFolder(pid: number, kind: 'job' | 'tailgate-git-home' = 'job'): Promise<string> {
  const own = await makeScratchFolder(parent, kind)
  await rm(own, { recursive: true })
  const name = basename(own).replace(`-${process.pid}-`, `-${pid}-`)
  await mkdir(join(parent, name, 'baseline'), { recursive: true })
  await writeFile(join(parent, name, 'baseline', 'model.onnx'), 'model')
  return name
}

test('folders of a dead process and of an earlier one with our pid are removed, those of a live one stay', async () => {
  const dead = await leaveFolder(DEAD_PID)
  const earlier = await leaveFolder(process.pid)
  const live = await leaveFolder(process.ppid)

  const removed = await removeLeftScratchFolders(parent, 'job')

  expect(removed.map((folder) => basename(folder)).sort()).toEqual([dead, earlier].sort())
  expect(await readdir(parent)).toEqual([live])
})

test('other kinds, other names and other machines are left alone', async () => {
  const names = [
    await leaveFolder(DEAD_PID, 'tailgate-git-home'),
    `job-elsewhere-${DEAD_PID}-a1B2c3`,
    `job-${DEAD_PID}`,
    'job-mine',
    'models'
  ]
  for (const name of names) await mkdir(join(parent, name), { recursive: true })

  expect(await removeLeftScratchFolders(parent, 'job')).toEqual([])
  expect((await readdir(parent)).sort()).toEqual(names.sort())
})

test('what is older than any job is removed, whoever made it', async () => {
  await mkdir(join(parent, `job-elsewhere-1-a1B2c3`))
  await utimes(join(parent, `job-elsewhere-1-a1B2c3`), THREE_DAYS_AGO, THREE_DAYS_AGO)

  expect(await removeLeftScratchFolders(parent, 'job')).toHaveLength(1)
})

test('a folder that is not there is no problem', async () => {
  expect(await removeLeftScratchFolders(join(parent, 'absent'), 'job')).toEqual([])
})
