import { mkdir, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommitSha } from '#contracts/identifiers.ts'
import { makeScratchFolder } from '#workers/scratch-folder.ts'
import { armStop, type StopControl } from './arm-stop.ts'
import { type CloneUrl, parseCloneUrl } from './clone-url.ts'
import { explainFetchFailure, summarizeGitOutput } from './explain-git-failure.ts'
import {
  basicCredentials,
  gitEnvironment,
  hardenedArguments,
  tokenEnvironment,
  uploadPackArguments
} from './git-environment.ts'
import { type GitOutcome, runGit } from './run-git.ts'
import { SourceError } from './source-error.ts'
import { countTreeSize } from './tree-size.ts'

const DEFAULT_SIZE_MAX_BYTES = 4 * 1024 ** 3
const PACK_CHECK_INTERVAL_MS = 250

/**
 * In a repository's own info/attributes, which wins over every .gitattributes of the commit: files are written as the
 * bytes that were committed. No filter runs (LFS files stay pointers), no line ending, keyword or encoding is changed.
 */
const RAW_BYTES_ATTRIBUTES = '* -text -eol -crlf -ident -filter -working-tree-encoding\n'

export type FetchCommitOptions = {
  /** The git program; looked up in the usual folders when it is only a name. Default `git`. */
  readonly gitPath?: string
  /** https, or http and file where the operator's own setting says so. Never from the pull request. */
  readonly cloneUrl: string
  /** Installation token with contents:read for this one repository, or null for public and local ones. */
  readonly token: string | null
  readonly sha: string
  /** An empty folder, or one that does not exist yet. It stays, also after an error: the caller deletes it. */
  readonly directory: string
  readonly signal: AbortSignal
  readonly timeoutMs: number
  /** Most that pack and files may take on disk together. Default 4 GiB. */
  readonly sizeMaxBytes?: number
}

type Fetch = {
  readonly gitPath: string
  readonly cloneUrl: CloneUrl
  readonly token: string | null
  readonly sha: string
  readonly directory: string
  readonly sizeMaxBytes: number
  readonly env: Readonly<Record<string, string>>
  readonly stop: StopControl
}

/**
 * Writes the files of exactly one commit into `directory`, without history and without a .git folder.
 *
 * The commit is hostile: no hook, filter, submodule, symbolic link, redirect or configuration of it takes effect.
 * The token is in the environment of the one fetching command and nowhere else.
 *
 * @throws SourceError with a code and a one-line message that says what to do and carries no secret.
 */
export async function fetchCommit(options: FetchCommitOptions): Promise<void> {
  const cloneUrl = parseCloneUrl(options.cloneUrl)
  if (!CommitSha.safeParse(options.sha).success) {
    throw new SourceError(
      'commit_not_found',
      'The commit to fetch is not a full SHA. Give all 40 (or 64) hexadecimal digits.'
    )
  }
  await requireEmptyDirectory(options.directory)
  const homeDirectory = await makeScratchFolder(tmpdir(), 'tailgate-git-home')
  const stop = armStop({ cancelSignal: options.signal, timeoutMs: options.timeoutMs, work: 'Fetching' })
  try {
    await fetchInto({
      gitPath: options.gitPath ?? 'git',
      cloneUrl,
      token: options.token,
      sha: options.sha,
      directory: options.directory,
      sizeMaxBytes: options.sizeMaxBytes ?? DEFAULT_SIZE_MAX_BYTES,
      env: gitEnvironment({ cloneUrl, homeDirectory, directory: options.directory }),
      stop
    })
  } finally {
    stop.dispose()
    await rm(homeDirectory, { recursive: true, force: true })
  }
}

async function fetchInto(fetch: Fetch): Promise<void> {
  const objectFormat = fetch.sha.length === 64 ? 'sha256' : 'sha1'
  await runStep(fetch, 'prepare the folder', ['init', '--quiet', '--template=', `--object-format=${objectFormat}`])
  await mkdir(join(fetch.directory, '.git', 'info'), { recursive: true })
  await writeFile(join(fetch.directory, '.git', 'info', 'attributes'), RAW_BYTES_ATTRIBUTES)
  await downloadCommit(fetch)
  await requireSize(fetch)
  await runStep(fetch, 'check out the commit', ['checkout', '--quiet', '--detach', fetch.sha, '--'])
  const head = await runStep(fetch, 'read the commit', ['rev-parse', '--verify', '--end-of-options', 'HEAD'])
  if (head.trim() !== fetch.sha) {
    throw new SourceError(
      'git_failed',
      `Asked for ${fetch.sha} but git checked out ${head.trim()}. Give the SHA of a commit, not of a tag.`
    )
  }
  await rm(join(fetch.directory, '.git'), { recursive: true, force: true })
}

async function downloadCommit(fetch: Fetch): Promise<void> {
  const options = ['--quiet', '--depth=1', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head']
  const watch = setInterval(() => void stopLargePack(fetch), PACK_CHECK_INTERVAL_MS)
  let outcome: GitOutcome
  try {
    outcome = await runGit({
      gitPath: fetch.gitPath,
      args: [
        ...hardenedArguments(),
        'fetch',
        ...options,
        ...uploadPackArguments(fetch.cloneUrl, fetch.gitPath),
        '--',
        fetch.cloneUrl.href,
        fetch.sha
      ],
      env: { ...fetch.env, ...tokenEnvironment(fetch.cloneUrl, fetch.token) },
      cwd: fetch.directory,
      signal: fetch.stop.signal,
      onStdout: () => {}
    })
  } finally {
    clearInterval(watch)
  }
  if (outcome.exitCode !== 0) {
    throw explainFetchFailure({ ...outcome, href: fetch.cloneUrl.href, sha: fetch.sha, secrets: secretsOf(fetch) })
  }
}

/** Runs a local git step and returns what it printed. */
async function runStep(fetch: Fetch, purpose: string, args: readonly string[]): Promise<string> {
  let output = ''
  const { exitCode, stderr } = await runGit({
    gitPath: fetch.gitPath,
    args: [...hardenedArguments(), ...args],
    env: fetch.env,
    cwd: fetch.directory,
    signal: fetch.stop.signal,
    onStdout: (chunk) => {
      if (output.length < 1000) output += chunk.toString('utf8')
    }
  })
  if (exitCode === 0) return output
  const detail = summarizeGitOutput(stderr, secretsOf(fetch))
  throw new SourceError(
    'git_failed',
    `Could not ${purpose} (commit ${fetch.sha}, git exit code ${exitCode ?? 'none'}): ${detail} Check that this commit can be checked out with plain git.`
  )
}

/** Before anything is unpacked: a small pack can hold files that fill the disk. */
async function requireSize(fetch: Fetch): Promise<void> {
  const counter = countTreeSize()
  const packBytes = await measurePack(fetch.directory)
  const refuseLarge = () => {
    if (packBytes + counter.bytes() > fetch.sizeMaxBytes) fetch.stop.stop(tooLarge(fetch))
  }
  refuseLarge()
  const { exitCode, stderr } = await runGit({
    gitPath: fetch.gitPath,
    args: [...hardenedArguments(), 'ls-tree', '-r', '-t', '-l', '-z', fetch.sha],
    env: fetch.env,
    cwd: fetch.directory,
    signal: fetch.stop.signal,
    onStdout: (chunk) => {
      counter.add(chunk)
      refuseLarge()
    }
  })
  fetch.stop.signal.throwIfAborted()
  if (exitCode !== 0) {
    throw new SourceError(
      'git_failed',
      `Could not list the files of ${fetch.sha}: ${summarizeGitOutput(stderr, secretsOf(fetch))} Is it a commit?`
    )
  }
}

async function stopLargePack(fetch: Fetch): Promise<void> {
  if ((await measurePack(fetch.directory)) > fetch.sizeMaxBytes) fetch.stop.stop(tooLarge(fetch))
}

async function measurePack(directory: string): Promise<number> {
  const packDirectory = join(directory, '.git', 'objects', 'pack')
  const names = await readdir(packDirectory).catch(() => [])
  // A file may be renamed between the two calls; then the next look counts it.
  const sizes = await Promise.all(
    names.map((name) =>
      stat(join(packDirectory, name)).then(
        (file) => file.size,
        () => 0
      )
    )
  )
  return sizes.reduce((total, size) => total + size, 0)
}

function tooLarge(fetch: Fetch): SourceError {
  const limitMib = Math.round(fetch.sizeMaxBytes / 1024 ** 2)
  return new SourceError(
    'too_large',
    `The commit ${fetch.sha} takes more than ${limitMib} MiB on disk. Remove large files from it, or raise the worker's size limit.`
  )
}

async function requireEmptyDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true, mode: 0o700 })
  if ((await readdir(directory)).length > 0) {
    throw new SourceError('git_failed', `The folder ${directory} is not empty. Give a new folder for every fetch.`)
  }
}

function secretsOf(fetch: Fetch): readonly string[] {
  return fetch.token === null ? [] : [fetch.token, basicCredentials(fetch.token)]
}
