import { execFile } from 'node:child_process'
import { closeSync, constants, openSync, writeSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { SideStartError } from './measuring-errors.ts'

const run = promisify(execFile)

/** File descriptors that block. */
export interface ChannelEnd {
  readonly readFd: number
  readonly writeFd: number
}

/** Two named pipes, one for requests and one for replies, without their names. */
export interface Channel {
  readonly supervisorEnd: ChannelEnd
  /** To be passed on to the side process. */
  readonly sideEnd: ChannelEnd
  /** Once the side process has its end. Never throws; may be called twice. */
  closeSideEnd(): void
  /** Ends a read of the supervisor's end that blocks, with a byte that means nothing. Never throws and never blocks. */
  wakeReader(): void
  /** Closes what is left open, which nothing may be reading by now. Never throws. */
  close(): void
}

/**
 * Opens a channel to a side process that is about to start. Node makes its own ends of a child's pipes non-blocking, which
 * only an event loop can wait for; a named pipe is opened like a file, and blocks. Nothing here waits for the other end:
 * each pipe is first opened for both ends at once.
 *
 * @param directory existing folder that can be written; empty again when this returns
 * @throws {SideStartError}
 */
export async function openChannel(directory: string): Promise<Channel> {
  const folder = await mkdtemp(join(directory, 'channel-')).catch((error: unknown) => fail(directory, error))
  try {
    const requestPath = join(folder, 'requests')
    const replyPath = join(folder, 'replies')
    await run('mkfifo', ['-m', '600', requestPath, replyPath])
    return openPipes(requestPath, replyPath)
  } catch (error) {
    return fail(folder, error)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function openPipes(requestPath: string, replyPath: string): Channel {
  const requests = openBothEnds(requestPath)
  const replies = openBothEnds(replyPath)
  // While this one is open, a read does not see the end of the side process; the supervisor does, and says why.
  const wakeFd = openSync(replyPath, constants.O_WRONLY | constants.O_NONBLOCK)
  const sideEnd = { readFd: requests.readFd, writeFd: replies.writeFd }
  const supervisorEnd = { readFd: replies.readFd, writeFd: requests.writeFd }
  const closeSideEnd = closeOnce([sideEnd.readFd, sideEnd.writeFd])
  const closeSupervisorEnd = closeOnce([supervisorEnd.readFd, supervisorEnd.writeFd, wakeFd])
  let isClosed = false
  return {
    supervisorEnd,
    sideEnd,
    closeSideEnd,
    wakeReader: () => {
      if (isClosed) return
      try {
        writeSync(wakeFd, '\0')
      } catch {
        // The pipe is full: then no read of it blocks.
      }
    },
    close: () => {
      isClosed = true
      closeSideEnd()
      closeSupervisorEnd()
    }
  }
}

/** Opening one end alone would wait for the other. */
function openBothEnds(path: string): ChannelEnd {
  const bothFd = openSync(path, constants.O_RDWR)
  try {
    return { readFd: openSync(path, constants.O_RDONLY), writeFd: openSync(path, constants.O_WRONLY) }
  } finally {
    closeSync(bothFd)
  }
}

function closeOnce(fds: readonly number[]): () => void {
  let open = fds
  return () => {
    const closing = open
    open = []
    for (const fd of closing) closeSync(fd)
  }
}

function fail(place: string, error: unknown): never {
  const reason = error instanceof Error ? error.message : String(error)
  throw new SideStartError(`The named pipes for a side process could not be made in ${place}: ${reason}`, {
    cause: error
  })
}
