import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { LFS_POINTER_START } from './lfs-pointer.ts'

/** No path is longer on Linux, so a symbolic link's target fits. */
const START_BYTES = 4096

export type FileInspection =
  | {
      readonly kind: 'found'
      /** Absolute, without symbolic links. */
      readonly file: string
      readonly bytes: number
      /** A whole small file without control characters. A symbolic link arrives like this too: as its target's path. */
      readonly isText: boolean
    }
  | { readonly kind: 'missing' | 'outside' | 'directory' | 'lfs_pointer' }

/**
 * Looks for a file of a checkout without reading all of it: it must be a regular file inside the checkout, also after symbolic
 * links, and no Git LFS pointer.
 *
 * @param root the checkout, absolute and without symbolic links
 * @param path relative to it
 */
export async function inspectFile(root: string, path: string): Promise<FileInspection> {
  const place = await resolveFile(join(root, path))
  if (place === 'missing') return { kind: 'missing' }
  if (place === 'loop' || !place.file.startsWith(root + sep)) return { kind: 'outside' }
  const stats = await stat(place.file)
  if (!stats.isFile()) return { kind: 'directory' }
  const start = await readStart(place.file)
  if (start.toString('latin1').startsWith(LFS_POINTER_START)) return { kind: 'lfs_pointer' }
  return { kind: 'found', file: place.file, bytes: stats.size, isText: isWholeText(start, stats.size) }
}

/** SHA-256 of a file, in hexadecimal digits. */
export async function hashFile(file: string, signal: AbortSignal): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash, { signal })
  return hash.digest('hex')
}

/** Does this text stand anywhere in the file? Reads no further than to it. */
export async function fileHoldsText(file: string, text: string, signal: AbortSignal): Promise<boolean> {
  let end = Buffer.alloc(0)
  for await (const chunk of createReadStream(file, { signal, highWaterMark: 1024 ** 2 })) {
    if (!Buffer.isBuffer(chunk)) throw new TypeError('a file was read as text')
    // It may begin in one piece and end in the next.
    if (chunk.includes(text) || Buffer.concat([end, chunk.subarray(0, text.length)]).includes(text)) return true
    end = Buffer.from(chunk.subarray(-text.length))
  }
  return false
}

async function resolveFile(path: string): Promise<'missing' | 'loop' | { readonly file: string }> {
  try {
    return { file: await realpath(path) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return 'missing'
    if (code === 'ELOOP') return 'loop'
    throw error
  }
}

async function readStart(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const start = Buffer.alloc(START_BYTES)
    const { bytesRead } = await handle.read(start, 0, start.length, 0)
    return start.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

function isWholeText(start: Buffer, sizeBytes: number): boolean {
  return sizeBytes === start.length && isUtf8(start) && !/[^\P{Cc}\s]/u.test(start.toString('utf8'))
}
