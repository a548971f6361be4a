import type { CloneUrl } from './clone-url.ts'

/** Where programs are looked for. Nothing of the worker's own environment is passed on. */
const PROGRAM_PATH = '/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin'

/**
 * Settings of every git command here. The repository is attacker-controlled, so nothing in it may name a program
 * (hooks, fsmonitor, filters, credential helpers), a link out of the tree, or another host.
 */
const HARDENED_SETTINGS: readonly string[] = [
  'core.hooksPath=/dev/null',
  'core.symlinks=false',
  'core.fsmonitor=false',
  'core.attributesFile=/dev/null',
  'core.autocrlf=false',
  'core.protectHFS=true',
  'core.protectNTFS=true',
  'submodule.recurse=false',
  'transfer.fsckObjects=true',
  'fetch.fsckObjects=true',
  // One pack, never loose objects: its growth can be watched with a handful of stat calls.
  'fetch.unpackLimit=1',
  'transfer.bundleURI=false',
  'protocol.version=2',
  'credential.helper=',
  'http.followRedirects=false',
  // A stalled transfer ends by itself, also when the worker was killed and nobody is left to stop it.
  'http.lowSpeedLimit=1000',
  'http.lowSpeedTime=60',
  'gc.auto=0',
  'maintenance.auto=false',
  'advice.detachedHead=false'
]

/** The same for a program that starts git by itself, see {@link settingsEnvironment}. */
export function hardenedSettings(): readonly (readonly [key: string, value: string])[] {
  return HARDENED_SETTINGS.map((setting) => {
    const equals = setting.indexOf('=')
    return [setting.slice(0, equals), setting.slice(equals + 1)]
  })
}

/** `-c` options for the start of every git command line. */
export function hardenedArguments(): readonly string[] {
  return HARDENED_SETTINGS.flatMap((setting) => ['-c', setting])
}

/**
 * The whole environment of a git command: no variable of the worker is inherited, no system or user
 * configuration is read, nobody is asked anything, and only the one protocol may be used.
 * `homeDirectory` must be empty, so that no .netrc or .gitconfig is found there.
 */
export function gitEnvironment(options: {
  readonly cloneUrl: CloneUrl
  readonly homeDirectory: string
  readonly directory: string
}): Record<string, string> {
  return {
    PATH: PROGRAM_PATH,
    HOME: options.homeDirectory,
    LC_ALL: 'C',
    GIT_DIR: `${options.directory}/.git`,
    GIT_WORK_TREE: options.directory,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: 'true',
    GIT_LFS_SKIP_SMUDGE: '1',
    GIT_ALLOW_PROTOCOL: options.cloneUrl.scheme,
    GIT_NO_LAZY_FETCH: '1',
    GIT_OPTIONAL_LOCKS: '0'
  }
}

/** What the header carries; also a secret to redact. GitHub takes an installation token as the password of this user. */
export function basicCredentials(token: string): string {
  return Buffer.from(`x-access-token:${token}`).toString('base64')
}

/**
 * Environment that adds the token to requests for this one URL. Only the fetch command gets it: the environment
 * of a process is readable by its own user, an argument list by everyone, a configuration file by whoever comes later.
 */
export function tokenEnvironment(cloneUrl: CloneUrl, token: string | null): Record<string, string> {
  if (token === null || cloneUrl.scheme === 'file') return {}
  return settingsEnvironment([tokenSetting(cloneUrl.href, token)])
}

/** The setting that adds the token to requests for this address and those below it. */
export function tokenSetting(href: string, token: string): readonly [key: string, value: string] {
  return [`http.${href}.extraHeader`, `AUTHORIZATION: basic ${basicCredentials(token)}`]
}

/**
 * The program that serves a local repository. The setting lets it hand out any commit, not only branch tips; it goes
 * on the serving command line because git passes no configuration from the fetching process to the serving one.
 */
export function uploadPackArguments(cloneUrl: CloneUrl, gitPath: string): readonly string[] {
  if (cloneUrl.scheme !== 'file') return []
  const quotedGitPath = `'${gitPath.replaceAll("'", `'\\''`)}'`
  return ['--upload-pack', `${quotedGitPath} -c uploadpack.allowAnySHA1InWant=true upload-pack`]
}

/** Git settings as environment variables, for a program that starts git by itself and takes no `-c`. */
export function settingsEnvironment(
  settings: readonly (readonly [key: string, value: string])[]
): Record<string, string> {
  return Object.fromEntries([
    ['GIT_CONFIG_COUNT', String(settings.length)],
    ...settings.flatMap(([key, value], index) => [
      [`GIT_CONFIG_KEY_${index}`, key],
      [`GIT_CONFIG_VALUE_${index}`, value]
    ])
  ])
}
