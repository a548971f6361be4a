import { execFileSync } from 'node:child_process'
import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'

const ENVIRONMENT = {
  PATH: '/usr/local/bin:/usr/bin:/bin',
  HOME: '/nonexistent',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_AUTHOR_NAME: 'A',
  GIT_AUTHOR_EMAIL: 'a@example.com',
  GIT_COMMITTER_NAME: 'A',
  GIT_COMMITTER_EMAIL: 'a@example.com'
}

export type TreeEntry = {
  readonly mode: '100644' | '120000' | '160000' | '040000'
  readonly object: string
  readonly name: string
}

export type GitRepository = {
  readonly directory: string
  readonly url: string
  readonly git: (args: readonly string[], input?: string | Buffer) => string
  /** Writes the files, commits everything and returns the SHA. */
  readonly commitFiles: (files: Readonly<Record<string, string | Buffer>>) => string
  readonly writeBlob: (content: string | Buffer) => string
  /** Writes a tree without any of git's checks, as an attacker can. */
  readonly writeTree: (entries: readonly TreeEntry[]) => string
  /** Commits a tree without touching the working folder, and returns the SHA. */
  readonly commitTree: (tree: string) => string
}

/** A real repository at `directory`, made by the git program. */
export function createGitRepository(directory: string, initArguments: readonly string[] = []): GitRepository {
  mkdirSync(directory, { recursive: true })
  function git(args: readonly string[], input?: string | Buffer): string {
    return execFileSync('git', args, {
      cwd: directory,
      env: ENVIRONMENT,
      encoding: 'utf8',
      input,
      stdio: ['pipe', 'pipe', 'pipe']
    }).trim()
  }
  git(['init', '--quiet', '--initial-branch=main', ...initArguments])
  function commitFiles(files: Readonly<Record<string, string | Buffer>>): string {
    for (const [name, content] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true })
      writeFileSync(join(directory, name), content)
    }
    git(['add', '--all'])
    git(['commit', '--quiet', '--message=change'])
    return git(['rev-parse', 'HEAD'])
  }
  function writeTree(entries: readonly TreeEntry[]): string {
    const records = entries.flatMap(({ mode, object, name }) => [
      Buffer.from(`${mode.replace(/^0/, '')} ${name}\0`),
      Buffer.from(object, 'hex')
    ])
    return git(['hash-object', '-t', 'tree', '--literally', '-w', '--stdin'], Buffer.concat(records))
  }
  function commitTree(tree: string): string {
    const commit = git(['commit-tree', '-m', 'tree', tree])
    git(['update-ref', `refs/heads/${commit}`, commit])
    return commit
  }
  return {
    directory,
    url: pathToFileURL(directory).href,
    git,
    commitFiles,
    writeBlob: (content) => git(['hash-object', '-w', '--stdin'], content),
    writeTree,
    commitTree
  }
}
