import { fstatSync, readSync, writeSync } from 'node:fs'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { SideStartError } from '#workers/measure/measuring-errors.ts'
import { openChannel } from '#workers/measure/open-channel.ts'

let directory = ''

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'tailgate-channel-'))
})

afterAll(() => rm(directory, { recursive: true }))

function readText(fd: number): string {
  const bytes = Buffer.alloc(100)
  return bytes.toString('utf8', 0, readSync(fd, bytes))
}

describe('openChannel', () => {
  test('carries both ways and leaves no file', async () => {
    const { supervisorEnd, sideEnd, close } = await openChannel(directory)

    writeSync(supervisorEnd.writeFd, 'request')
    writeSync(sideEnd.writeFd, 'reply')

    expect([readText(sideEnd.readFd), readText(supervisorEnd.readFd)]).toEqual(['request', 'reply'])
    expect(await readdir(directory)).toEqual([])
    close()
  })

  test('the side sees the end of its supervisor, and the supervisor is woken where there is no side any more', async () => {
    const { supervisorEnd, closeSideEnd, wakeReader, close } = await openChannel(directory)
    closeSideEnd()

    wakeReader()

    expect(readText(supervisorEnd.readFd)).toBe('\0')
    expect(() => writeSync(supervisorEnd.writeFd, 'request')).toThrow(/EPIPE/)
    close()
  })

  test('waking waits for nobody, however full the channel is', async () => {
    const { wakeReader, close } = await openChannel(directory)

    for (let times = 0; times < 100_000; times += 1) wakeReader()

    close()
  })

  test('what was closed stays closed, and closing twice is no error', async () => {
    const { supervisorEnd, sideEnd, closeSideEnd, wakeReader, close } = await openChannel(directory)

    closeSideEnd()
    close()
    close()
    wakeReader()

    for (const fd of [...Object.values(supervisorEnd), ...Object.values(sideEnd)]) {
      expect(() => fstatSync(fd)).toThrow(/EBADF/)
    }
  })

  test('a folder that cannot be written is a problem of the worker', async () => {
    await expect(openChannel(join(directory, 'absent'))).rejects.toThrow(SideStartError)
  })
})
