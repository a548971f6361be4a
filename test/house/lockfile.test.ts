import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')

const LockedPackage = z.object({
  version: z.string().optional(),
  resolved: z.string().optional(),
  dependencies: z.record(z.string(), z.string()).default({}),
  optionalDependencies: z.record(z.string(), z.string()).default({})
})
type LockedPackage = z.infer<typeof LockedPackage>
const Lockfile = z.object({ packages: z.record(z.string(), LockedPackage) })

function readLockfile(): Readonly<Record<string, LockedPackage>> {
  return Lockfile.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8'))).packages
}

/** Node's look-up: the package's own node_modules first, then each folder above it. */
function isLocked(packages: Readonly<Record<string, LockedPackage>>, from: string, name: string): boolean {
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    if (`${folder === '' ? '' : `${folder}/`}node_modules/${name}` in packages) return true
    if (folder === '') return false
  }
}

function findUnlocked(packages: Readonly<Record<string, LockedPackage>>): readonly string[] {
  return Object.entries(packages).flatMap(([path, { dependencies, optionalDependencies }]) =>
    Object.keys({ ...dependencies, ...optionalDependencies })
      .filter((name) => !isLocked(packages, path, name))
      .map((name) => `${name} of ${path}`)
  )
}

describe('package-lock.json', () => {
  // `npm ci` refuses a lock that lacks one, also where that platform is not the one being installed on.
  test('locks the builds of native packages for every platform', () => {
    expect(findUnlocked(readLockfile())).toEqual([])
  })

  test('locks versions and contents, not addresses', () => {
    const addresses = Object.values(readLockfile()).flatMap((entry) => entry.resolved ?? [])
    expect(addresses).toEqual([])
  })

  test('a package that is named and not locked is seen', () => {
    const packages = { 'node_modules/a': LockedPackage.parse({ optionalDependencies: { 'a-darwin': '1.0.0' } }) }
    expect(findUnlocked(packages)).toEqual(['a-darwin of node_modules/a'])
  })
})
