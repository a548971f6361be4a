import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import type { ComparisonFacts } from '#src/run/ports.ts'
import { UsageError } from '../exit-codes.ts'

const execute = promisify(execFile)
const OUTPUT_MAX_BYTES = 64 * 1024 * 1024

/** A git repository on this machine, read through the git program. */
export interface LocalRepository {
  readonly directory: string
  readonly url: string
  /** Merge base, tip of the base and changed files, as GitHub would give them. */
  compare(baseRef: string, headSha: string): Promise<ComparisonFacts>
  /** Full SHA of a branch, tag or abbreviated commit. */
  resolveRef(ref: string): Promise<string>
  readTextFile(path: string, sha: string): Promise<string | null>
}

/**
 * Opens the repository around a folder.
 *
 * @throws UsageError when there is none, or when git refuses to read it.
 */
export async function openLocalRepository(folder: string): Promise<LocalRepository> {
  const start = resolve(folder)
  const directory = await git(start, ['rev-parse', '--absolute-git-dir']).catch((error: unknown) => {
    throw new UsageError(`--repo: ${start} is not a git repository that can be read (${firstLine(error)}).`)
  })
  const resolveRef = (ref: string) => readCommit(directory, ref)
  return {
    directory,
    url: pathToFileURL(directory).href,
    resolveRef,
    compare: async (baseRef, headSha) => {
      const baseTipSha = await resolveRef(baseRef)
      const mergeBaseSha = await findMergeBase(directory, { baseRef, baseTipSha, headSha })
      const list = await git(directory, ['diff', '--name-only', '--no-renames', '-z', mergeBaseSha, headSha])
      return { baseTipSha, mergeBaseSha, changedFiles: list.split('\0').filter((path) => path !== '') }
    },
    readTextFile: (path, sha) => readTextFile(directory, path, sha)
  }
}

async function readCommit(directory: string, ref: string): Promise<string> {
  // `--end-of-options` keeps a ref that starts with a dash from being read as an option.
  const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${ref}^{commit}`]
  return git(directory, args).catch(() => {
    throw new UsageError(`${ref} is no commit, branch or tag of this repository. Fetch it, or check the spelling.`)
  })
}

async function findMergeBase(
  directory: string,
  { baseRef, baseTipSha, headSha }: { readonly baseRef: string; readonly baseTipSha: string; readonly headSha: string }
): Promise<string> {
  try {
    return await git(directory, ['merge-base', baseTipSha, headSha])
  } catch (error) {
    const shallow = (await git(directory, ['rev-parse', '--is-shallow-repository'])) === 'true'
    const message = shallow
      ? `${baseRef} and ${headSha} have no common history in this shallow clone. Fetch the rest: git fetch --unshallow.`
      : `${baseRef} and ${headSha} have no common history; there is nothing to compare.`
    throw new UsageError(message, { cause: error })
  }
}

/**
 * The text of a file, following symbolic links inside the commit as GitHub's contents API does; null where the path is
 * missing, a folder, a submodule or a link that leads out.
 *
 * @throws UsageError when git cannot read it.
 */
async function readTextFile(directory: string, path: string, sha: string): Promise<string | null> {
  const reading = execute('git', ['-C', directory, 'cat-file', '--batch', '--follow-symlinks'], {
    maxBuffer: OUTPUT_MAX_BYTES
  })
  reading.child.stdin?.end(`${sha}:${path}\n`)
  const { stdout } = await reading.catch((error: unknown) => {
    throw new UsageError(`${path} at ${sha} cannot be read: ${firstLine(error)}`, { cause: error })
  })
  const headerEnd = stdout.indexOf('\n')
  if (!/^[0-9a-f]+ blob \d+$/.test(stdout.slice(0, headerEnd))) return null
  return stdout.slice(headerEnd + 1).replace(/\n$/, '')
}

/** Output without its last line break. */
async function git(directory: string, args: readonly string[]): Promise<string> {
  const { stdout } = await execute('git', ['-C', directory, ...args], { maxBuffer: OUTPUT_MAX_BYTES })
  return stdout.replace(/\n$/, '')
}

function firstLine(error: unknown): string {
  const text = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error)
  return text.trim().split('\n')[0] ?? ''
}
