import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { lstat, readdir, readFile, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import { EngineVersion } from '#contracts/session.ts'

const RECORD_NAME = 'engine.json'

/** Written last, so that an installation without one is not complete. */
const EngineRecord = z.strictObject({
  version: EngineVersion,
  /** SHA-256 of every file below node_modules, by path. */
  files: z.record(z.string(), z.string())
})

/** Describes an installation that is complete and was tried. */
export async function writeEngineRecord(directory: string, version: EngineVersion): Promise<void> {
  const record = { version, files: await hashFiles(directory) } satisfies z.infer<typeof EngineRecord>
  await writeFile(join(directory, RECORD_NAME), JSON.stringify(record))
}

/** Is there an installation, and are its files what they were? Reads all of them, some 50 MB. */
export async function checkEngineRecord(
  directory: string,
  version: EngineVersion
): Promise<'sound' | 'damaged' | 'absent'> {
  if ((await lstat(directory).catch(() => null)) === null) return 'absent'
  try {
    const record = EngineRecord.parse(JSON.parse(await readFile(join(directory, RECORD_NAME), 'utf8')))
    const files = await hashFiles(directory)
    const isSame =
      record.version === version &&
      Object.keys(files).length === Object.keys(record.files).length &&
      Object.entries(files).every(([path, sha256]) => record.files[path] === sha256)
    return isSame ? 'sound' : 'damaged'
  } catch {
    return 'damaged'
  }
}

/** Notes that the engine is used now. */
export async function touchEngine(directory: string, now: Date): Promise<void> {
  await utimes(join(directory, RECORD_NAME), now, now)
}

/** When it was used last; the start of time for what is no installation. */
export async function readLastUse(directory: string): Promise<Date> {
  return lstat(join(directory, RECORD_NAME)).then(
    ({ mtime }) => mtime,
    () => new Date(0)
  )
}

async function hashFiles(directory: string): Promise<Record<string, string>> {
  const hashes: Record<string, string> = {}
  const entries = await readdir(join(directory, 'node_modules'), { recursive: true, withFileTypes: true })
  for (const entry of entries) {
    if (entry.isDirectory()) continue
    const file = join(entry.parentPath, entry.name)
    // A link or a device has no place here: it hashes to nothing that was recorded.
    hashes[file.slice(directory.length + 1)] = entry.isFile() ? await hashFile(file) : 'no file'
  }
  return hashes
}

async function hashFile(file: string): Promise<string> {
  const hash = createHash('sha256')
  await pipeline(createReadStream(file), hash)
  return hash.digest('hex')
}
