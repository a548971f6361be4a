import { summarizeGitOutput } from './explain-git-failure.ts'

/** Why an object is not here, to follow "its object could not be fetched", and what to do. */
export interface LfsFailure {
  readonly reason: string
  readonly hint: string
}

export const LFS_MISSING: LfsFailure = {
  reason: 'Git LFS is not installed on the worker',
  hint: 'Install git-lfs on the worker (Debian and Ubuntu: `apt-get install git-lfs`), then start a new run.'
}

export const LFS_DAMAGED: LfsFailure = {
  reason: 'what the LFS server sent does not have the SHA-256 that the pointer names',
  hint: 'The object on the server is damaged. Push it again from a clone that has it: `git lfs push --all origin`.'
}

type Rule = LfsFailure & { readonly pattern: RegExp }

/** What git-lfs says on failure, most specific first. */
const RULES: readonly Rule[] = [
  {
    pattern: /expected OID/i,
    ...LFS_DAMAGED
  },
  {
    pattern: /over its data quota|bandwidth|\b509\b/i,
    reason: "the repository's LFS quota is used up",
    hint: "Raise the LFS quota of the repository's owner, or wait for the next month."
  },
  {
    pattern: /remote missing object/i,
    reason: 'the local repository does not have it either',
    hint: 'Run `git lfs fetch --all` in that repository.'
  },
  {
    pattern: /object does not exist|\b404\b|not found|\b410\b/i,
    reason: 'the LFS server does not have it',
    hint: 'Push it from a clone that has it: `git lfs push --all origin`.'
  },
  {
    pattern: /authentication|authorization|credentials|\b40[13]\b|forbidden/i,
    reason: 'the LFS server refused the token',
    hint: 'Check that the App is installed on this repository and may read its contents.'
  },
  {
    pattern: /no space left on device|disk quota exceeded/i,
    reason: "the worker's disk is full",
    hint: "Free disk space on the worker's working folder."
  },
  {
    pattern: /\b5\d\d\b|\b429\b|server error|fatal error/i,
    reason: 'the LFS server is overloaded or failing',
    hint: 'Try again later.'
  },
  {
    pattern: /connection|dial tcp|no such host|timeout|EOF|network/i,
    reason: 'the LFS server cannot be reached',
    hint: "Check the worker's network and DNS, also for the host that stores the objects."
  }
]

/** The last line of every failure, and where git-lfs wrote its log: they say nothing. */
const EMPTY_LINES = /^(?:error: failed to fetch some objects|Errors logged to|Use `git lfs logs)|^\s*$/

const OBJECT_NAME = /[0-9a-f]{64}/

/** Turns what git-lfs printed into a reason for one object. Lines about other objects are left out. */
export function explainLfsFailure(stderr: string, oid: string, secrets: readonly string[]): LfsFailure {
  const lines = stderr
    .split(/[\r\n]+/)
    .filter((line) => !EMPTY_LINES.test(line) && (line.includes(oid) || !OBJECT_NAME.test(line)))
    // Signed addresses are secrets, and the numbers in an address are no status.
    .map((line) => line.replaceAll(/https?:\/\/[^\s"]+/g, nameHost))
  const rule = RULES.find(({ pattern }) => lines.some((line) => pattern.test(line.replaceAll(/[0-9a-f]{64}/g, ''))))
  const said = summarizeGitOutput(lines.join('\n'), secrets).replace(/\.$/, '')
  if (rule !== undefined) return { reason: `${rule.reason} (${said})`, hint: rule.hint }
  return { reason: `git-lfs said: ${said}`, hint: 'Run `git lfs fetch` by hand to see more.' }
}

function nameHost(address: string): string {
  return URL.canParse(address) ? new URL(address).hostname : 'a URL'
}
