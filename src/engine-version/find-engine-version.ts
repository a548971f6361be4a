import { EngineVersion } from '#contracts/session.ts'

const PACKAGE = 'onnxruntime-node'
/** A longer file is not read: the parser would hold all of it. */
const TEXT_MAX_CHARACTERS = 32 * 1024 ** 2

export type FoundEngineVersion =
  | { readonly kind: 'found'; readonly version: EngineVersion; readonly file: 'package-lock.json' | 'package.json' }
  /** The commit does not depend on onnxruntime-node, as far as these files say. */
  | { readonly kind: 'absent' }
  /** It does, but what it pins cannot be told or is no release. One sentence each. */
  | { readonly kind: 'unclear'; readonly problem: string; readonly hint: string }

/**
 * The release of onnxruntime-node that a commit pins: what `npm ci` would install by its package-lock.json (all three
 * versions of that format), else an exact version in its package.json. Both are text of a stranger.
 *
 * @param packageJsonText null where the commit has no such file
 * @param lockText of package-lock.json or npm-shrinkwrap.json, null where it has neither
 */
export function findEngineVersion(packageJsonText: string | null, lockText: string | null): FoundEngineVersion {
  const lock = lockText === null ? {} : parseObject(lockText)
  if (lock === null) return unreadable('package-lock.json')
  const locked = readLocked(lock)
  if (locked !== null) return judgeVersion(locked, 'package-lock.json')
  const manifest = packageJsonText === null ? {} : parseObject(packageJsonText)
  if (manifest === null) return unreadable('package.json')
  const wanted = readWanted(manifest)
  return wanted === null ? { kind: 'absent' } : judgeVersion(wanted, 'package.json')
}

/** Versions 2 and 3 list folders, version 1 (and 2, for older readers) a tree of names. */
function readLocked(lock: JsonObject): string | null {
  const folder = readObject(readObject(lock, 'packages'), `node_modules/${PACKAGE}`)
  return readText(folder, 'version') ?? readText(readObject(readObject(lock, 'dependencies'), PACKAGE), 'version')
}

function readWanted(manifest: JsonObject): string | null {
  const groups = ['dependencies', 'optionalDependencies', 'devDependencies', 'peerDependencies']
  for (const group of groups) {
    const wanted = readText(readObject(manifest, group), PACKAGE)
    if (wanted !== null) return wanted
  }
  return null
}

function judgeVersion(text: string, file: 'package-lock.json' | 'package.json'): FoundEngineVersion {
  const version = EngineVersion.safeParse(text.trim().replace(/^=?\s*v?/, ''))
  if (version.success) return { kind: 'found', version: version.data, file }
  const shown = JSON.stringify(text.slice(0, 100))
  return {
    kind: 'unclear',
    problem: `${file} asks for ${PACKAGE} ${shown}, which is not one released version.`,
    hint:
      file === 'package.json'
        ? 'Commit package-lock.json, or write an exact version such as 1.29.0.'
        : 'Lock a released version such as 1.29.0.'
  }
}

function unreadable(file: string): FoundEngineVersion {
  return { kind: 'unclear', problem: `${file} is no JSON object.`, hint: 'Commit the file as npm writes it.' }
}

type JsonObject = Readonly<Record<string, unknown>>

function parseObject(text: string): JsonObject | null {
  if (text.length > TEXT_MAX_CHARACTERS) return null
  try {
    const value: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    return isObject(value) ? value : null
  } catch {
    return null
  }
}

function readObject(parent: JsonObject | null, key: string): JsonObject | null {
  const value = parent !== null && Object.hasOwn(parent, key) ? parent[key] : null
  return isObject(value) ? value : null
}

function readText(parent: JsonObject | null, key: string): string | null {
  const value = parent !== null && Object.hasOwn(parent, key) ? parent[key] : null
  return typeof value === 'string' ? value : null
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
