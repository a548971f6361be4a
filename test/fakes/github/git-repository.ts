import { execFile } from 'node:child_process'
import { appendFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'

/** A path's new content: text, bytes, null to delete it, or content with a mode (`120000` is a symbolic link). */
export type FileChange = string | Uint8Array | null | { readonly mode: string; readonly content: string | Uint8Array }

export interface NewCommit {
  readonly branch: string
  readonly files: Readonly<Record<string, FileChange>>
  readonly message: string
  readonly author: string
  readonly date: Date
  /** Parent commit; undefined for a first commit without history. */
  readonly parent: string | undefined
}

export interface TreeEntry {
  readonly mode: string
  readonly type: 'blob' | 'tree' | 'commit'
  readonly sha: string
  readonly sizeBytes: number
  readonly path: string
}

/** No user or system configuration, so that a test sees the same git everywhere. */
export const gitEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env.PATH ?? '/usr/bin:/bin',
  HOME: '/nonexistent',
  LC_ALL: 'C',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_TERMINAL_PROMPT: '0'
}

/** Runs git in `folder` and returns its output; throws with git's own words when it fails. */
export function runGit(folder: string, args: readonly string[], input?: Uint8Array): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { cwd: folder, env: gitEnvironment, encoding: 'buffer' as const, maxBuffer: 256 * 1024 * 1024 }
    const child = execFile('git', [...args], options, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout)
      reject(new Error(`git ${args[0]} in ${folder} failed: ${stderr.toString().trim()}`, { cause: error }))
    })
    // A git that fails early closes its input; its exit status tells the story, not this pipe.
    child.stdin?.on('error', () => undefined)
    child.stdin?.end(input)
  })
}

async function gitText(folder: string, args: readonly string[]): Promise<string> {
  return (await runGit(folder, args)).toString('utf8').trimEnd()
}

/**
 * A bare repository that serves what GitHub serves: any object by its SHA, partial clones, and no advertised
 * refs/network (there live the commits of forks, fetchable by SHA from the parent as on GitHub).
 */
export async function createBareRepository(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  await runGit(folder, ['init', '--quiet', '--bare', '--initial-branch=main', '--template='])
  const settings =
    '[uploadpack]\n\tallowAnySHA1InWant = true\n\tallowFilter = true\n[transfer]\n\thideRefs = refs/network\n'
  await appendFile(join(folder, 'config'), settings)
}

function fileCommand(path: string, change: FileChange): Buffer {
  const quoted = `"${path.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')}"`
  if (change === null) return Buffer.from(`D ${quoted}\n`)
  const isPlain = typeof change === 'string' || change instanceof Uint8Array
  const content = Buffer.from(isPlain ? change : change.content)
  const mode = isPlain ? '100644' : change.mode
  return Buffer.concat([
    Buffer.from(`M ${mode} inline ${quoted}\ndata ${content.length}\n`),
    content,
    Buffer.from('\n')
  ])
}

/** Writes a commit and moves `branch` to it, by force where `parent` is not its tip; returns the new SHA. */
export async function writeCommit(folder: string, commit: NewCommit): Promise<string> {
  const who = commit.author.replaceAll(/[<>\n]/g, '')
  const signature = `${who} <${who.replaceAll(/\s/g, '.')}@users.noreply.example> ${Math.floor(commit.date.getTime() / 1000)} +0000`
  const message = Buffer.from(commit.message)
  const stream = Buffer.concat([
    Buffer.from(`commit refs/heads/${commit.branch}\nauthor ${signature}\ncommitter ${signature}\n`),
    Buffer.from(`data ${message.length}\n`),
    message,
    Buffer.from(commit.parent === undefined ? '\n' : `\nfrom ${commit.parent}\n`),
    ...Object.entries(commit.files).map(([path, change]) => fileCommand(path, change)),
    Buffer.from('\ndone\n')
  ])
  await runGit(folder, ['fast-import', '--quiet', '--force', '--done'], stream)
  return gitText(folder, ['rev-parse', `refs/heads/${commit.branch}`])
}

/** The commit that a branch, tag or SHA names. Git's revision operators (`~`, `^`, `@{…}`, `:`) are no names. */
export async function resolveCommit(folder: string, name: string): Promise<string | undefined> {
  if (name === '' || name.startsWith('-') || /[~^:\s\\*?[]|@\{|\.\./.test(name)) return undefined
  if (/^[0-9a-f]{7,40}$/.test(name)) return resolveSha(folder, name)
  const candidates = [`refs/heads/${name}`, `refs/tags/${name}`, `refs/${name}`]
  const format = '--format=%(refname)%09%(objectname)%09%(*objectname)'
  const lines = (await gitText(folder, ['for-each-ref', format, ...candidates])).split('\n')
  for (const candidate of candidates) {
    // The pattern refs/heads/a finds refs/heads/a/b too.
    const fields = lines.map((line) => line.split('\t')).find(([ref]) => ref === candidate)
    if (fields !== undefined) return fields[2] || fields[1]
  }
  return undefined
}

async function resolveSha(folder: string, sha: string): Promise<string | undefined> {
  try {
    return await gitText(folder, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${sha}^{commit}`])
  } catch {
    return undefined
  }
}

export async function updateRef(folder: string, ref: string, sha: string): Promise<void> {
  await runGit(folder, ['update-ref', ref, sha])
}

export async function deleteRef(folder: string, ref: string): Promise<void> {
  await runGit(folder, ['update-ref', '-d', ref])
}

/** Copies `ref` of the repository in `from` to `target` of the one in `folder`. */
export async function copyRef(folder: string, from: string, ref: string, target: string): Promise<void> {
  await runGit(folder, ['fetch', '--quiet', '--no-tags', from, `+${ref}:${target}`])
}

/** The commit of merging `head` into `base`, written but on no branch; undefined when they conflict. */
export async function writeMerge(folder: string, base: string, head: string, date: Date): Promise<string | undefined> {
  let tree: string
  try {
    tree = await gitText(folder, ['merge-tree', '--write-tree', '--no-messages', base, head])
  } catch {
    return undefined
  }
  const seconds = Math.floor(date.getTime() / 1000)
  const who = `GitHub <noreply@github.example> ${seconds} +0000`
  const text = `tree ${tree}\nparent ${base}\nparent ${head}\nauthor ${who}\ncommitter ${who}\n\nMerge ${head} into ${base}\n`
  return (await runGit(folder, ['hash-object', '-t', 'commit', '-w', '--stdin'], Buffer.from(text))).toString().trim()
}

export async function isAncestor(folder: string, ancestor: string, descendant: string): Promise<boolean> {
  return (await gitText(folder, ['rev-list', '--count', `${descendant}..${ancestor}`])) === '0'
}

function parseTreeEntry(line: string): TreeEntry {
  const match = /^(\d{6}) (blob|tree|commit) ([0-9a-f]{40}) +(\d+|-)\t(.*)$/s.exec(line)
  if (match === null) throw new Error(`Unexpected line from git ls-tree: ${line}`)
  const [, mode = '', type, sha = '', size = '-', path = ''] = match
  const known = type === 'tree' || type === 'commit' ? type : 'blob'
  return { mode, type: known, sha, sizeBytes: size === '-' ? 0 : Number(size), path }
}

/** The entry at `path` in `commit`; a directory's own entry, not its content. */
export async function readTreeEntry(folder: string, commit: string, path: string): Promise<TreeEntry | undefined> {
  const output = await gitText(folder, ['--literal-pathspecs', 'ls-tree', '-z', '-l', commit, '--', path])
  const line = output.split('\0').find((candidate) => candidate !== '')
  return line === undefined ? undefined : parseTreeEntry(line)
}

/** The entries of a tree or of a commit's root; `path` is the name inside it. */
export async function listTree(folder: string, treeish: string): Promise<readonly TreeEntry[]> {
  const output = await gitText(folder, ['ls-tree', '-z', '-l', treeish])
  return output
    .split('\0')
    .filter((line) => line !== '')
    .map(parseTreeEntry)
}

export function readBlob(folder: string, sha: string): Promise<Buffer> {
  return runGit(folder, ['cat-file', 'blob', sha])
}
