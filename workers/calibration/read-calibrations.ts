import { lstat, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Calibration } from '#contracts/calibration.ts'
import { calibrationsFolder } from './store-calibration.ts'

/** As `storeCalibration` names them; anything else in the folder is somebody else's. */
const FILE_NAME = /^\d{8}T\d{9}Z-[0-9a-f]{8}\.json$/

/** The largest honest one, a thousand cases with five metrics each, has about 4 MB. */
const MAX_BYTES = 8 * 1024 * 1024
/** A machine that is calibrated every night has a hundred of them after three months; older ones say little. */
const MAX_FILES = 100

export interface StoredCalibration {
  readonly path: string
  readonly calibration: Calibration
}

export interface DamagedCalibration {
  readonly path: string
  /** What is wrong with the file, one sentence. */
  readonly problem: string
}

export interface ReadCalibrations {
  /** Newest first. */
  readonly calibrations: readonly StoredCalibration[]
  /** Files that were skipped, newest first. */
  readonly damaged: readonly DamagedCalibration[]
}

/**
 * The newest calibrations of this machine (at most a hundred). A file that cannot be read or is no calibration is named
 * and skipped: it must not take the others with it. Without the folder there are none.
 */
export async function readCalibrations(dataDirectory: string): Promise<ReadCalibrations> {
  const folder = calibrationsFolder(dataDirectory)
  const listed = await listFiles(folder)
  if (listed.problem !== null) return { calibrations: [], damaged: [{ path: folder, problem: listed.problem }] }
  const calibrations: StoredCalibration[] = []
  const damaged: DamagedCalibration[] = []
  for (const name of listed.names) {
    const path = join(folder, name)
    const read = await readCalibration(path)
    if (typeof read === 'string') damaged.push({ path, problem: read })
    else calibrations.push({ path, calibration: read })
  }
  return { calibrations, damaged }
}

async function listFiles(
  folder: string
): Promise<{ readonly names: readonly string[]; readonly problem: string | null }> {
  try {
    const names = await readdir(folder)
    const wanted = names.filter((name) => FILE_NAME.test(name)).sort()
    return { names: wanted.reverse().slice(0, MAX_FILES), problem: null }
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { names: [], problem: null }
    return { names: [], problem: `The folder cannot be read (${describe(error)}).` }
  }
}

/** @returns the calibration, or what is wrong with its file */
async function readCalibration(path: string): Promise<Calibration | string> {
  try {
    const facts = await lstat(path)
    if (!facts.isFile()) return 'It is not a file.'
    if (facts.size > MAX_BYTES) return `It has ${facts.size} bytes; at most ${MAX_BYTES} are read.`
    const parsed = Calibration.safeParse(JSON.parse(await readFile(path, 'utf8')))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    return `It is no calibration: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}.`.slice(0, 500)
  } catch (error) {
    if (error instanceof SyntaxError) return 'It is not valid JSON; it may be cut off.'
    return `It cannot be read (${describe(error)}).`
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}

function describe(error: unknown): string {
  return String(codeOf(error) ?? (error instanceof Error ? error.message : error))
}
