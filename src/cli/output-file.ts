import { open, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { UsageError } from './exit-codes.ts'

/**
 * Refuses a file that cannot be written: before minutes of measuring, not after them. Leaves no file behind.
 *
 * @param option how the file was given, `--json`
 * @throws {UsageError}
 */
export async function requireWritable(option: string, path: string): Promise<void> {
  const existing = await stat(path).catch(() => null)
  if (existing === null) {
    const folder = await stat(dirname(path)).catch(() => null)
    if (folder?.isDirectory() === true) return
    throw new UsageError(`${option}: ${path} cannot be written, there is no folder ${dirname(path)}.`)
  }
  if (existing.isDirectory()) throw new UsageError(`${option}: ${path} is a folder. Give a file.`)
  if (!existing.isFile()) return
  const handle = await open(path, 'r+').catch((error: unknown) => {
    throw new UsageError(`${option}: ${path} may not be written. Give another file.`, { cause: error })
  })
  await handle.close()
}

/** @throws {UsageError} */
export async function writeOutput(option: string, path: string, text: string): Promise<void> {
  await writeFile(path, text).catch((error: unknown) => {
    throw new UsageError(
      `${option}: ${path} cannot be written (${error instanceof Error ? error.message : String(error)}).`
    )
  })
}
