import { runGit } from './git-repository.ts'

export interface CommitFacts {
  readonly sha: string
  readonly treeSha: string
  readonly parents: readonly string[]
  readonly authorName: string
  readonly authorEmail: string
  readonly authorDate: string
  readonly committerName: string
  readonly committerEmail: string
  readonly committerDate: string
  readonly message: string
}

export interface ChangedFile {
  readonly filename: string
  readonly previousFilename: string | undefined
  readonly status: 'added' | 'removed' | 'modified' | 'renamed' | 'copied' | 'changed'
  readonly sha: string
  readonly additions: number
  readonly deletions: number
}

const fieldSeparator = '\u001f'
const commitFormat = ['%H', '%T', '%P', '%an', '%ae', '%ad', '%cn', '%ce', '%cd', '%B'].join('%x1f')
const statuses: Readonly<Record<string, ChangedFile['status']>> = {
  A: 'added',
  D: 'removed',
  M: 'modified',
  R: 'renamed',
  C: 'copied',
  T: 'changed'
}

function parseCommit(record: string): CommitFacts {
  const [sha = '', treeSha = '', parents = '', ...rest] = record.split(fieldSeparator)
  const [authorName = '', authorEmail = '', authorDate = '', committerName = '', committerEmail = ''] = rest
  return {
    sha,
    treeSha,
    parents: parents.split(' ').filter((parent) => parent !== ''),
    authorName,
    authorEmail,
    authorDate,
    committerName,
    committerEmail,
    committerDate: rest[5] ?? '',
    message: rest.slice(6).join(fieldSeparator).trimEnd()
  }
}

/** Commits that `range` selects (`a..b`, or one SHA with `limit` 1), oldest first. */
export async function listCommits(folder: string, range: string, limit?: number): Promise<readonly CommitFacts[]> {
  const args = [
    'log',
    '-z',
    '--reverse',
    '--topo-order',
    '--date=format-local:%Y-%m-%dT%H:%M:%SZ',
    `--format=${commitFormat}`
  ]
  const bounded = limit === undefined ? args : [...args, `-${limit}`]
  const output = (await runGit(folder, [...bounded, '--end-of-options', range])).toString('utf8')
  return output
    .split('\0')
    .filter((record) => record !== '')
    .map(parseCommit)
}

/** The facts of one commit; throws when `sha` is none. */
export async function readCommit(folder: string, sha: string): Promise<CommitFacts> {
  const [commit] = await listCommits(folder, sha, 1)
  if (commit === undefined) throw new Error(`No commit ${sha} in ${folder}`)
  return commit
}

export async function countCommits(folder: string, range: string): Promise<number> {
  return Number((await runGit(folder, ['rev-list', '--count', '--end-of-options', range])).toString())
}

/** The best common ancestor, undefined when the histories are unrelated. */
export async function findMergeBase(folder: string, left: string, right: string): Promise<string | undefined> {
  try {
    return (await runGit(folder, ['merge-base', left, right])).toString().trim()
  } catch {
    return undefined
  }
}

interface LineCounts {
  readonly additions: number
  readonly deletions: number
}

/** `git diff --numstat -z`: "added TAB deleted TAB path NUL", and for renames an empty path, then both paths. */
function parseLineCounts(output: string): ReadonlyMap<string, LineCounts> {
  const counts = new Map<string, LineCounts>()
  const fields = output.split('\0')
  for (let index = 0; index < fields.length; index += 1) {
    const [added, deleted, ...path] = (fields[index] ?? '').split('\t')
    if (added === undefined || deleted === undefined) continue
    const isRename = path.join('\t') === ''
    const name = isRename ? fields[index + 2] : path.join('\t')
    if (isRename) index += 2
    // Binary files count as "-".
    counts.set(name ?? '', { additions: Number(added) || 0, deletions: Number(deleted) || 0 })
  }
  return counts
}

/** The files that differ between two commits (`base` undefined: an empty tree), renames found, sorted by git. */
export async function listChangedFiles(
  folder: string,
  base: string | undefined,
  head: string
): Promise<readonly ChangedFile[]> {
  const range = base === undefined ? ['--root', head] : [base, head]
  const common = ['diff-tree', '-r', '-z', '-M', '--no-commit-id']
  const [raw, numbers] = await Promise.all([
    runGit(folder, [...common, '--raw', '--no-abbrev', ...range]),
    runGit(folder, [...common, '--numstat', ...range])
  ])
  const counts = parseLineCounts(numbers.toString('utf8'))
  const fields = raw.toString('utf8').split('\0')
  const files: ChangedFile[] = []
  for (let index = 0; index < fields.length - 1; index += 1) {
    const [, , oldSha = '', newSha = '', letters = 'M'] = (fields[index] ?? '').split(' ')
    const status = statuses[letters.slice(0, 1)] ?? 'changed'
    const hasTwoPaths = status === 'renamed' || status === 'copied'
    const previousFilename = hasTwoPaths ? fields[index + 1] : undefined
    index += hasTwoPaths ? 2 : 1
    const filename = fields[index] ?? ''
    const lines = counts.get(filename) ?? { additions: 0, deletions: 0 }
    files.push({ filename, previousFilename, status, sha: status === 'removed' ? oldSha : newSha, ...lines })
  }
  return files
}
