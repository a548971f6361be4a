import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { z } from 'zod'
import type { EngineIdentity } from '#contracts/environment.ts'
import { limitLine } from './fingerprint.ts'

const PackageFile = z.object({ version: z.string() })
const LIBRARY_NAME = /\.(?:node|dylib|dll)$|\.so(?:\.|$)/

export type ReadEngineIdentity = (packageFolder?: string) => Promise<EngineIdentity>

/**
 * Reads which onnxruntime-node lies in a folder; by default the worker's own. Hashing its libraries takes a tenth of a second
 * the first time; then files of the same size and time are taken for the same.
 */
export function createEngineReader(): ReadEngineIdentity {
  const hashes = new Map<string, Promise<string>>()
  return async (packageFolder = ownPackageFolder()) => {
    const version = await readVersion(packageFolder)
    const paths = await listLibraries(packageFolder)
    if (paths.length === 0) return { version, librariesSha256: null }
    const key = await describeFiles(paths)
    const hashing = hashes.get(key) ?? hashFiles(paths)
    hashes.set(key, hashing)
    return { version, librariesSha256: await hashing }
  }
}

function ownPackageFolder(): string {
  try {
    return dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'))
  } catch {
    return ''
  }
}

async function readVersion(packageFolder: string): Promise<string> {
  try {
    const text = await readFile(join(packageFolder, 'package.json'), 'utf8')
    return limitLine(PackageFile.parse(JSON.parse(text)).version, 50)
  } catch {
    return 'not installed'
  }
}

/** The native libraries for this system, in a fixed order. */
async function listLibraries(packageFolder: string): Promise<string[]> {
  const bin = join(packageFolder, 'bin')
  const versions = await readdir(bin).catch(() => [])
  const folders = versions.sort().map((name) => join(bin, name, process.platform, process.arch))
  const files = await Promise.all(
    folders.map(async (folder) => {
      const names = await readdir(folder).catch(() => [])
      return names.filter((name) => LIBRARY_NAME.test(name)).map((name) => join(folder, name))
    })
  )
  return files.flat().sort()
}

async function describeFiles(paths: readonly string[]): Promise<string> {
  const facts = await Promise.all(paths.map((path) => stat(path)))
  return paths.map((path, index) => `${path} ${facts[index]?.size} ${facts[index]?.mtimeMs}`).join('\n')
}

async function hashFiles(paths: readonly string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of paths) await pipeline(createReadStream(path), hash, { end: false })
  return hash.digest('hex')
}
