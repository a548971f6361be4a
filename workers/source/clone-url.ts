import { SourceError } from './source-error.ts'

const SCHEMES = ['https', 'http', 'file'] as const
export type CloneScheme = (typeof SCHEMES)[number]

export type CloneUrl = {
  readonly scheme: CloneScheme
  /** Normalised, without credentials: safe to print and to pass to git. */
  readonly href: string
}

/**
 * Reads the address to fetch from. `https` is the rule; `http` and `file` arrive here only because the
 * operator's own setting says so. Everything else (ssh, git, `ext::`, a bare path) is refused.
 *
 * @throws SourceError `git_failed` when the address cannot be used.
 */
export function parseCloneUrl(text: string): CloneUrl {
  if (!URL.canParse(text)) {
    throw new SourceError(
      'git_failed',
      'The clone URL is not a URL. Give an https:// address, or file:///path for a local repository.'
    )
  }
  const url = new URL(text)
  const scheme = SCHEMES.find((candidate) => url.protocol === `${candidate}:`)
  if (scheme === undefined) {
    throw new SourceError(
      'git_failed',
      `The clone URL uses "${url.protocol}", which is not allowed. Use https://, http:// or file://.`
    )
  }
  if (url.username !== '' || url.password !== '') {
    throw new SourceError(
      'git_failed',
      'The clone URL carries credentials. Remove them: the token is passed on its own.'
    )
  }
  if (scheme === 'file' && url.hostname !== '') {
    throw new SourceError(
      'git_failed',
      `The clone URL names the host "${url.hostname}". Write file:///path with three slashes.`
    )
  }
  return { scheme, href: url.href }
}
