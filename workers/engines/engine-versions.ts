import { EngineVersion } from '#contracts/session.ts'

/** The first one that tells the shapes and types of a model's inputs, which side processes need. */
const OLDEST_ENGINE: EngineVersion = '1.22.0'

/** What a worker may install. A pull request names the version, so the worker's operator draws the line. */
export type AllowedEngines =
  | { readonly kind: 'none' }
  | { readonly kind: 'list'; readonly versions: readonly EngineVersion[] }
  /** Both included; no upper end where `newest` is null. */
  | { readonly kind: 'range'; readonly oldest: EngineVersion; readonly newest: EngineVersion | null }

/** Every release that is known to work. */
export const DEFAULT_ALLOWED_ENGINES: AllowedEngines = { kind: 'range', oldest: OLDEST_ENGINE, newest: null }

export type AllowedEnginesResult =
  | { readonly ok: true; readonly allowed: AllowedEngines }
  | { readonly ok: false; readonly problem: string }

const FORMS = '"none", "1.24.1 - 1.30.0", ">=1.24.1" or "1.29.0, 1.30.0"'

const RANGE = /^>=\s*(\S+)$|^(\S+)\s+-\s+(\S+)$/

/** Reads the setting: `none`, `1.24.1 - 1.30.0`, `>=1.24.1`, or versions with commas between them. */
export function parseAllowedEngines(text: string): AllowedEnginesResult {
  const setting = text.trim()
  if (setting === 'none') return { ok: true, allowed: { kind: 'none' } }
  const range = RANGE.exec(setting)
  const [oldest, newest = null] = range === null ? [] : range.slice(1).filter((version) => version !== undefined)
  if (oldest === undefined)
    return checkVersions({ kind: 'list', versions: setting.split(',').map((one) => one.trim()) })
  return checkVersions({ kind: 'range', oldest, newest })
}

function checkVersions(allowed: Exclude<AllowedEngines, { kind: 'none' }>): AllowedEnginesResult {
  const { kind } = allowed
  const versions = kind === 'list' ? allowed.versions : [allowed.oldest, ...(allowed.newest ? [allowed.newest] : [])]
  const wrong = versions.find((one) => !EngineVersion.safeParse(one).success)
  if (wrong !== undefined) return { ok: false, problem: `"${wrong.slice(0, 100)}" is no version; write ${FORMS}` }
  const old = versions.find((one) => compareVersions(one, OLDEST_ENGINE) < 0)
  if (old !== undefined)
    return { ok: false, problem: `${old} is older than ${OLDEST_ENGINE}, the first that tells the inputs of models` }
  if (kind === 'range' && allowed.newest !== null && compareVersions(allowed.oldest, allowed.newest) > 0) {
    return { ok: false, problem: `${allowed.oldest} is newer than ${allowed.newest}; write the older one first` }
  }
  return { ok: true, allowed }
}

export function isAllowedEngine(version: EngineVersion, allowed: AllowedEngines): boolean {
  if (compareVersions(version, OLDEST_ENGINE) < 0) return false
  switch (allowed.kind) {
    case 'none':
      return false
    case 'list':
      return allowed.versions.includes(version)
    case 'range':
      return (
        compareVersions(version, allowed.oldest) >= 0 &&
        (allowed.newest === null || compareVersions(version, allowed.newest) <= 0)
      )
  }
}

/** As a sentence goes on after "This worker allows". */
export function describeAllowedEngines(allowed: AllowedEngines): string {
  switch (allowed.kind) {
    case 'none':
      return 'no version but its own'
    case 'list':
      return allowed.versions.join(', ')
    case 'range':
      return allowed.newest === null ? `${allowed.oldest} and newer ones` : `${allowed.oldest} to ${allowed.newest}`
  }
}

/** Negative when the first is older, positive when it is newer, 0 when they are the same. */
export function compareVersions(one: EngineVersion, other: EngineVersion): number {
  const others = other.split('.').map(Number)
  const differences = one.split('.').map((part, index) => Number(part) - (others[index] ?? 0))
  return differences.find((difference) => difference !== 0) ?? 0
}

/** Of these releases the nearest older ones and the nearest newer ones, `count` of each, in order. */
export function nearestVersions(
  version: EngineVersion,
  releases: readonly EngineVersion[],
  count = 2
): readonly EngineVersion[] {
  const sorted = releases.toSorted(compareVersions)
  const older = sorted.filter((release) => compareVersions(release, version) < 0)
  const newer = sorted.filter((release) => compareVersions(release, version) > 0)
  return [...older.slice(-count), ...newer.slice(0, count)]
}
