import { z } from 'zod'

/** A full lower-case SHA-1 or SHA-256 git object name. Abbreviations never cross a boundary. */
export const CommitSha = z.string().regex(/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/, 'must be a full commit SHA')
export type CommitSha = z.infer<typeof CommitSha>

/** The two sides of every comparison: base-commit side and PR-head side. */
export const Side = z.enum(['baseline', 'candidate'])
export type Side = z.infer<typeof Side>

export const SIDES: readonly Side[] = ['baseline', 'candidate']

// biome-ignore lint/suspicious/noControlCharactersInRegex: NUL and other control characters are what it refuses
const REPOSITORY_PATH = /^(?!\/)(?!.*(?:^|\/)\.{1,2}(?:\/|$))(?!.*\\)[^\u0000-\u001f\u007f]+$/

/** A path inside the repository: relative, `/`-separated, no `..` segment, no NUL, at most 1024 characters. */
export const RepositoryPath = z
  .string()
  .min(1)
  .max(1024)
  .regex(REPOSITORY_PATH, 'must be a relative path inside the repository')
export type RepositoryPath = z.infer<typeof RepositoryPath>
