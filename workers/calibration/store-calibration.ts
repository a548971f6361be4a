import { randomBytes } from 'node:crypto'
import { mkdir, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Calibration } from '#contracts/calibration.ts'

/** Folder of the stored calibrations, inside the data folder (`DATA_DIR`). */
export function calibrationsFolder(dataDirectory: string): string {
  return join(dataDirectory, 'calibrations')
}

/**
 * Writes a calibration into a file of its own, `DATA_DIR/calibrations/20260102T030405678Z-1a2b3c4d.json`. Names sort by
 * time. Readers see the whole file or none: it is written under another name first.
 *
 * @returns the path of the file
 * @throws when the folder cannot be made or written; nothing is left behind then
 */
export async function storeCalibration(dataDirectory: string, calibration: Calibration): Promise<string> {
  const folder = calibrationsFolder(dataDirectory)
  const text = `${JSON.stringify(Calibration.parse(calibration), null, 2)}\n`
  const name = `${compactTime(calibration.measuredAt)}-${randomBytes(4).toString('hex')}.json`
  const path = join(folder, name)
  const unfinished = join(folder, `.${name}.unfinished`)
  await mkdir(folder, { recursive: true })
  try {
    await writeFile(unfinished, text, { flag: 'wx' })
    await rename(unfinished, path)
  } catch (error) {
    await rm(unfinished, { force: true })
    throw error
  }
  return path
}

function compactTime(isoTime: string): string {
  return new Date(isoTime).toISOString().replaceAll(/[-:.]/g, '')
}
