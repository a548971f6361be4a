import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { Octokit } from '@octokit/rest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectedApp } from './connected-app.ts'
import { asApp, asInstallation, connectApp } from './connected-app.ts'
import type { Repository } from './github/repository-actions.ts'

const at = { owner: 'octo', repo: 'models' }
const large = Buffer.alloc(1024 * 1024 + 1, 7)
let connected: ConnectedApp
let octokit: Octokit
let repository: Repository
let headSha: string

beforeAll(async () => {
  connected = await connectApp()
  const { github, app } = connected
  const files = {
    'README.md': '# models\n',
    'dir/kept.txt': 'kept\n',
    'dir/moved.txt': 'one\ntwo\nthree\nfour\n',
    'dir/removed.txt': 'removed\n',
    'large.bin': large,
    link: { mode: '120000', content: '/etc/passwd' }
  }
  repository = await github.createRepository({ owner: 'octo', name: 'models', private: true, files })
  headSha = await github.commit(repository, 'feature/fast', {
    files: {
      'README.md': '# models\nfaster\n',
      'dir/moved.txt': null,
      'dir/new name.txt': 'one\ntwo\nthree\nfour\n',
      'dir/removed.txt': null
    }
  })
  await github.commit(repository, 'main', { files: { 'later.txt': 'later\n' } })
  await github.openPullRequest(repository, { head: 'feature/fast', author: 'alice' })
  octokit = await asInstallation(github, app, 'octo')
})

afterAll(async () => {
  expect(connected.github.violations).toEqual([])
  await connected.close()
})

describe('contents', () => {
  test('of a file come as base64', async () => {
    const { data } = await octokit.rest.repos.getContent({ ...at, path: 'dir/kept.txt' })

    expect(data).toMatchObject({ type: 'file', encoding: 'base64', size: 5 })
    expect('content' in data && Buffer.from(data.content, 'base64').toString()).toBe('kept\n')
  })

  test('are read at the ref asked for', async () => {
    const { data } = await octokit.rest.repos.getContent({ ...at, path: 'dir/new name.txt', ref: 'feature/fast' })

    expect(data).toMatchObject({ path: 'dir/new name.txt' })
  })

  test('of a directory are its entries', async () => {
    const { data } = await octokit.rest.repos.getContent({ ...at, path: 'dir' })

    expect(Array.isArray(data) && data.map((entry) => `${entry.type} ${entry.path}`)).toEqual([
      'file dir/kept.txt',
      'file dir/moved.txt',
      'file dir/removed.txt'
    ])
  })

  test('of the root are listed for an empty path', async () => {
    const { data } = await octokit.rest.repos.getContent({ ...at, path: '' })

    expect(Array.isArray(data) && data.map((entry) => entry.name)).toContain('README.md')
  })

  test('above 1 MB are left out, but come raw', async () => {
    const plain = await octokit.rest.repos.getContent({ ...at, path: 'large.bin' })
    const raw = await octokit.request('GET /repos/{owner}/{repo}/contents/{path}', {
      ...at,
      path: 'large.bin',
      mediaType: { format: 'raw' }
    })

    expect(plain.data).toMatchObject({ content: '', encoding: 'none', size: large.length })
    expect(String(raw.data)).toHaveLength(large.length)
  })

  test('of a symbolic link are its target, not what it points to', async () => {
    const { data } = await octokit.rest.repos.getContent({ ...at, path: 'link' })

    expect(data).toMatchObject({ type: 'symlink', target: '/etc/passwd' })
  })

  test.each([
    ['a path', { path: 'missing.txt' }],
    ['a ref', { path: 'README.md', ref: 'missing' }]
  ])('are a JSON 404 where %s is missing', async (_name, query) => {
    const attempt = octokit.rest.repos.getContent({ ...at, ...query })

    await expect(attempt).rejects.toMatchObject({ status: 404, response: { data: { status: '404' } } })
  })
})

describe('commits', () => {
  test('are found by branch, and by SHA', async () => {
    const byBranch = await octokit.rest.repos.getCommit({ ...at, ref: 'feature/fast' })
    const bySha = await octokit.rest.repos.getCommit({ ...at, ref: headSha })

    expect([byBranch.data.sha, bySha.data.sha]).toEqual([headSha, headSha])
  })

  test('that are not there are a 422', async () => {
    const attempt = octokit.rest.repos.getCommit({ ...at, ref: 'c'.repeat(40) })

    await expect(attempt).rejects.toMatchObject({ status: 422 })
  })

  test.each(['main~1', 'main^', 'main@{0}', '--all', 'main:README.md'])(
    'are not found by the revision %s',
    async (ref) => {
      await expect(octokit.rest.repos.getCommit({ ...at, ref })).rejects.toMatchObject({ status: 422 })
    }
  )

  test('of a branch are its tip', async () => {
    const { data } = await octokit.rest.repos.getBranch({ ...at, branch: 'feature/fast' })

    expect(data.commit.sha).toBe(headSha)
  })
})

describe('comparing', () => {
  test('starts at the merge base, not at the tip of the base', async () => {
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `main...${headSha}` })

    expect(data.merge_base_commit.sha).toBe(repository.headSha)
    expect(data.base_commit.sha).not.toBe(repository.headSha)
    expect(data).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 1, total_commits: 1 })
  })

  test('names added, removed, changed and renamed files', async () => {
    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: `main...${headSha}` })

    const files = (data.files ?? []).map((file) => [file.status, file.filename, file.previous_filename ?? ''])
    expect(files).toEqual([
      ['modified', 'README.md', ''],
      ['renamed', 'dir/new name.txt', 'dir/moved.txt'],
      ['removed', 'dir/removed.txt', '']
    ])
  })

  test('lists 300 files at most', async () => {
    const files = Object.fromEntries(Array.from({ length: 310 }, (_, index) => [`many/${index}.txt`, `${index}`]))
    await connected.github.commit(repository, 'many', { files })

    const { data } = await octokit.rest.repos.compareCommitsWithBasehead({ ...at, basehead: 'main...many' })

    expect(data.files).toHaveLength(300)
  })
})

describe('pull requests', () => {
  test('know head, base and the size of the change', async () => {
    const { data } = await octokit.rest.pulls.get({ ...at, pull_number: 1 })

    expect(data).toMatchObject({ head: { sha: headSha, ref: 'feature/fast' }, base: { ref: 'main' }, mergeable: true })
    expect([data.commits, data.changed_files, data.additions, data.deletions]).toEqual([1, 3, 1, 1])
  })

  test('are listed while open, with their files and commits', async () => {
    const listed = await octokit.rest.pulls.list(at)
    const files = await octokit.rest.pulls.listFiles({ ...at, pull_number: 1 })
    const commits = await octokit.rest.pulls.listCommits({ ...at, pull_number: 1 })

    expect(listed.data.map((pull) => pull.number)).toEqual([1])
    expect(files.data).toHaveLength(3)
    expect(commits.data.map((commit) => commit.sha)).toEqual([headSha])
  })
})

describe('git over HTTP', () => {
  let folder: string

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'tailgate-fetch-'))
    await git('init', '--quiet', '--bare')
  })

  afterAll(async () => {
    await rm(folder, { recursive: true, force: true })
  })

  async function git(...args: readonly string[]): Promise<string> {
    const env = { PATH: process.env.PATH ?? '', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', LC_ALL: 'C' }
    const isolated = { ...env, GIT_TERMINAL_PROMPT: '0', GIT_ASKPASS: '/bin/true' }
    return (await promisify(execFile)('git', [...args], { cwd: folder, env: isolated })).stdout.trim()
  }

  async function createToken(permissions: Record<string, string>): Promise<string> {
    const app = asApp(connected.github, connected.app)
    const { data: installation } = await app.rest.apps.getRepoInstallation(at)
    const scope = { installation_id: installation.id, repository_ids: [repository.id], permissions }
    return (await app.rest.apps.createInstallationAccessToken(scope)).data.token
  }

  function credentials(token: string): readonly string[] {
    const basic = Buffer.from(`x-access-token:${token}`).toString('base64')
    return ['-c', `http.extraHeader=Authorization: Basic ${basic}`]
  }

  test('gives one commit by its SHA to a contents:read token', async () => {
    const token = await createToken({ contents: 'read' })

    await git(...credentials(token), 'fetch', '--quiet', '--no-tags', '--depth=1', repository.cloneUrl, headSha)

    expect(await git('rev-parse', 'FETCH_HEAD')).toBe(headSha)
  })

  test('gives the head of a pull request by its ref', async () => {
    const token = await createToken({ contents: 'read' })

    await git(...credentials(token), 'fetch', '--quiet', repository.cloneUrl, 'refs/pull/1/head')

    expect(await git('rev-parse', 'FETCH_HEAD')).toBe(headSha)
  })

  test('refuses a private repository without credentials', async () => {
    await expect(git('ls-remote', repository.cloneUrl)).rejects.toThrow(/Authentication failed|could not read Username/)
  })

  test('refuses a token without contents permission', async () => {
    const token = await createToken({ checks: 'write' })

    await expect(git(...credentials(token), 'ls-remote', repository.cloneUrl)).rejects.toThrow(/403/)
  })

  test('refuses a revoked token', async () => {
    const token = await createToken({ contents: 'read' })
    await fetch(`${connected.github.apiUrl}/installation/token`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${token}` }
    })

    await expect(git(...credentials(token), 'ls-remote', repository.cloneUrl)).rejects.toThrow(/Authentication failed/)
  })

  test('refuses a push', async () => {
    const token = await createToken({ contents: 'read' })

    const push = git(...credentials(token), 'push', repository.cloneUrl, `${headSha}:refs/heads/mine`)

    await expect(push).rejects.toThrow(/403/)
  })

  test('gives a fork commit by SHA through the parent, where no branch has it', async () => {
    const { github } = connected
    const open = await github.createRepository({ owner: 'octo', name: 'open' })
    const fork = await github.createFork(open, 'mallory')
    const imposter = await github.commit(fork, 'evil', { files: { 'evil.txt': 'evil' }, author: 'mallory' })

    await git('fetch', '--quiet', '--depth=1', open.cloneUrl, imposter)

    expect(await git('rev-parse', 'FETCH_HEAD')).toBe(imposter)
    expect(await git('ls-remote', open.cloneUrl)).not.toContain(imposter)
    const { data } = await octokit.rest.repos.getCommit({ owner: 'octo', repo: 'open', ref: imposter })
    expect(data.author?.login).toBe('mallory')
  })
})
