import type { CloneUrl } from './clone-url.ts'
import { gitEnvironment, hardenedSettings, settingsEnvironment, tokenSetting } from './git-environment.ts'

export interface LfsPlace {
  readonly cloneUrl: CloneUrl
  readonly token: string | null
  /** A bare repository of our own making. */
  readonly gitDirectory: string
  /** Empty, so that no .netrc, .gitconfig or .lfsconfig is found there. */
  readonly homeDirectory: string
}

/**
 * The address of a repository's LFS server: git-lfs/docs/api/server-discovery.md. It follows from the clone URL alone. A
 * local repository is its own: git-lfs copies from its store.
 */
export function lfsServerUrl({ scheme, href }: CloneUrl): string {
  if (scheme === 'file') return href
  const url = new URL(href)
  url.search = ''
  url.hash = ''
  const path = url.pathname.replace(/\/+$/, '')
  url.pathname = `${path.endsWith('.git') ? path : `${path}.git`}/info/lfs`
  return url.href
}

/**
 * The whole environment of git-lfs. Settings in the environment win over those in files, and the address of the server is
 * one of them. The token goes to the one address there that hands out addresses of objects (git-lfs/docs/api/batch.md). Those
 * come signed or with headers of their own, and redirects lead away without it.
 */
export function lfsEnvironment({ cloneUrl, token, gitDirectory, homeDirectory }: LfsPlace): Record<string, string> {
  const serverUrl = lfsServerUrl(cloneUrl)
  const { GIT_WORK_TREE: _none, ...env } = gitEnvironment({ cloneUrl, homeDirectory, directory: homeDirectory })
  const settings = [
    ...hardenedSettings(),
    ['remote.origin.url', cloneUrl.href],
    ['lfs.url', serverUrl],
    // No other program moves objects: neither one that a server asks for nor ssh.
    ['lfs.basictransfersonly', 'true'],
    ['lfs.transfer.maxretries', '2'],
    ['lfs.transfer.maxretrydelay', '2'],
    ['lfs.concurrenttransfers', '4'],
    ['lfs.dialtimeout', '30'],
    // A stalled transfer ends by itself.
    ['lfs.activitytimeout', '60'],
    ...(token === null || cloneUrl.scheme === 'file' ? [] : [tokenSetting(`${serverUrl}/objects/batch`, token)])
  ] as const
  return { ...env, GIT_DIR: gitDirectory, ...settingsEnvironment(settings) }
}
