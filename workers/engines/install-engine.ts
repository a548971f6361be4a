import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { EngineVersion } from '#contracts/session.ts'
import { parseJson } from '#workers/parse-json.ts'
import type { EngineFailure } from './engine-failure.ts'
import { type AllowedEngines, isAllowedEngine, nearestVersions } from './engine-versions.ts'
import { explainNpmFailure } from './explain-npm-failure.ts'
import { DEFAULT_REGISTRY_URL, type Npm, runNpm } from './run-npm.ts'

const PACKAGE = 'onnxruntime-node'

export interface InstallOptions {
  readonly npm: Npm
  readonly version: EngineVersion
  /** An empty folder; the engine comes into its `node_modules`. */
  readonly directory: string
  /** An empty folder outside of it, for npm's own files. */
  readonly homeDirectory: string
  readonly allowed: AllowedEngines
  readonly signal: AbortSignal
}

/**
 * Installs one release of onnxruntime-node from the registry, whose hashes npm checks. Its install script does not run: it
 * would download CUDA libraries. What is for other systems is removed.
 *
 * @returns what went wrong, or null
 * @throws the signal's reason when it aborts
 */
export async function installEngine(options: InstallOptions): Promise<EngineFailure | null> {
  const { npm, version, directory, homeDirectory, signal } = options
  // npm would look for the root of a project in the folders above.
  await writeFile(join(directory, 'package.json'), '{"private":true}')
  const args = ['install', '--save-exact', '--omit=dev', '--omit=optional', '--omit=peer', `${PACKAGE}@${version}`]
  const outcome = await runNpm({ npm, args: [...args, `--prefix=${directory}`], cwd: directory, homeDirectory, signal })
  if (outcome.kind === 'not_started') return npmMissing(npm, version)
  if (outcome.exitCode === 0) return removeOtherPlatforms(directory).then(() => null)
  const failure = explainNpmFailure(outcome.stderr, version)
  return failure.code === 'engine_unknown' ? unknownVersion(options, failure) : failure
}

function npmMissing({ npmPath = 'npm' }: Npm, version: EngineVersion): EngineFailure {
  return {
    code: 'npm_missing',
    message: `onnxruntime-node ${version} was not installed: the program "${npmPath}" could not be started.`,
    hint: 'Install npm on the worker.'
  }
}

async function unknownVersion(options: InstallOptions, failure: EngineFailure): Promise<EngineFailure> {
  const { npm, version, directory, homeDirectory, allowed, signal } = options
  const releases = (await listReleases({ npm, cwd: directory, homeDirectory, signal })).filter((release) =>
    isAllowedEngine(release, allowed)
  )
  const nearest = nearestVersions(version, releases)
  const registry = new URL(npm.registryUrl ?? DEFAULT_REGISTRY_URL).host
  if (nearest.length === 0) return failure
  return {
    code: 'engine_unknown',
    message: `onnxruntime-node ${version} is not in the registry ${registry}.`,
    hint: `Name a released version; the nearest are ${nearest.join(', ')}.`
  }
}

const Releases = z.array(z.string())

/** Releases in the registry, without pre-releases. Empty when it does not say. */
async function listReleases(options: Omit<Parameters<typeof runNpm>[0], 'args'>): Promise<readonly EngineVersion[]> {
  const { stdout } = await runNpm({ ...options, args: ['view', PACKAGE, 'versions', '--json'] })
  const parsed = Releases.safeParse(parseJson(stdout))
  return parsed.success ? parsed.data.filter((version) => EngineVersion.safeParse(version).success) : []
}

/** Keeps `bin/napi-v…/<platform>/<architecture>` of this machine. */
async function removeOtherPlatforms(directory: string): Promise<void> {
  const bin = join(directory, 'node_modules', PACKAGE, 'bin')
  for (const napi of await listNames(bin)) {
    for (const platform of await listNames(join(bin, napi))) {
      const folder = join(bin, napi, platform)
      const others =
        platform === process.platform ? (await listNames(folder)).filter((name) => name !== process.arch) : ['']
      for (const name of others) await rm(join(folder, name), { recursive: true, force: true })
    }
  }
}

async function listNames(folder: string): Promise<readonly string[]> {
  return readdir(folder).catch(() => [])
}
