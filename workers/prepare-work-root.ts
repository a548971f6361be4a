import { mkdir, stat } from 'node:fs/promises'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'

const WRITABLE_BY_OTHERS = 0o022

/** The folder cannot be used for checkouts; the message says why and what to do. */
export class WorkRootError extends Error {
  readonly code = 'WORK_ROOT_UNUSABLE'
}

/**
 * Makes the folder that checkouts are made in, or takes the one that is there. Without a setting it is a folder of this
 * user's in the system's temporary one: its name can be guessed, so a folder that others could have put there is refused.
 *
 * @throws WorkRootError
 */
export async function prepareWorkRoot(workDir: string | null): Promise<string> {
  const { uid } = userInfo()
  const path = workDir ?? join(tmpdir(), `tailgate-worker-${uid}`)
  const advice = 'Set WORK_DIR to a folder of the worker’s own.'
  await mkdir(path, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error)
    throw new WorkRootError(`The work folder ${path} cannot be made (${reason}). ${advice}`, { cause: error })
  })
  const found = await stat(path)
  // Windows has no owners in this sense and reports -1.
  if (uid >= 0 && found.uid !== uid)
    throw new WorkRootError(`The work folder ${path} belongs to another user. ${advice}`)
  if (uid >= 0 && (found.mode & WRITABLE_BY_OTHERS) !== 0) {
    throw new WorkRootError(`Others may write to the work folder ${path}. ${advice}`)
  }
  return path
}
