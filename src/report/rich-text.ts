/**
 * Text of a report before it is turned into Markdown or terminal text: our own prose, and pieces that anyone may have
 * written. The second kind only ever travels as {@link Code}, so that each output can make it inert in its own way.
 */

/** Text from the repository, a pull request or a worker: shown literally, never interpreted. */
export interface Code {
  readonly code: string
  /** Address to link to. Only {@link commitLink} makes one. */
  readonly href?: string
}

export type RichText = readonly (string | Code)[]

/** Marks text as not ours. */
export function code(text: string): Code {
  return { code: text }
}

/**
 * Template tag for prose: ``prose`p50 of ${code(caseId)} is ${change} slower` ``. Plain strings must be our own words or
 * formatted numbers; everything else goes through {@link code} or `proseFromUntrusted`.
 */
export function prose(
  words: TemplateStringsArray,
  ...values: readonly (string | number | Code | RichText)[]
): RichText {
  const parts: (string | Code)[] = []
  for (const [index, word] of words.entries()) {
    if (word !== '') parts.push(word)
    const value = values[index]
    if (value === undefined) continue
    if (typeof value === 'string' || typeof value === 'number') parts.push(String(value))
    else if ('code' in value) parts.push(value)
    else parts.push(...value)
  }
  return parts
}

/** `a`, `b` and `c`; or with the same between all of them. */
export function joinList(items: readonly RichText[], between?: string): RichText {
  const joined: (string | Code)[] = []
  for (const [index, item] of items.entries()) {
    if (index > 0) joined.push(between ?? (index === items.length - 1 ? ' and ' : ', '))
    joined.push(...item)
  }
  return joined
}

const PLAIN_ADDRESS = /^https?:\/\/[\w.-]+(?::\d{1,5})?(?:\/[\w.~-]+)*$/u
const FULL_SHA = /^[0-9a-f]{40,64}$/u

/** A commit by its first seven digits, linked when the repository's address is known and plain. */
export function commitLink(sha: string, repositoryUrl: string | null): Code {
  if (!FULL_SHA.test(sha)) return code(sha)
  const short = sha.slice(0, 7)
  if (repositoryUrl === null || !PLAIN_ADDRESS.test(repositoryUrl)) return code(short)
  return { code: short, href: `${repositoryUrl}/commit/${sha}` }
}

/** True for a full object name: safe to print in a command. */
export function isFullSha(sha: string): boolean {
  return FULL_SHA.test(sha)
}
