import type { ChangedFile, CommitFacts } from '../git-history.ts'
import type { JsonObject } from '../json.ts'
import type { RepositoryRecord } from '../state.ts'
import { nodeId } from '../state.ts'
import type { World } from '../world.ts'
import { describeAccount } from './describe-account.ts'
import { repositoryPage, repositoryUrl } from './describe-repository.ts'

const unsigned: JsonObject = { verified: false, reason: 'unsigned', signature: null, payload: null, verified_at: null }

/** The account whose login the commit's author name is, as commits of the stand-in's people have it. */
function describeAuthor(world: World, name: string): JsonObject | null {
  const account = world.state.accounts.get(name.toLowerCase())
  return account === undefined ? null : describeAccount(world, account)
}

/** A commit without its files. */
export function describeCommit(world: World, repository: RepositoryRecord, commit: CommitFacts): JsonObject {
  const url = `${repositoryUrl(world, repository)}/commits/${commit.sha}`
  const gitUrl = `${repositoryUrl(world, repository)}/git`
  const page = repositoryPage(world, repository)
  return {
    sha: commit.sha,
    node_id: nodeId('C', Number.parseInt(commit.sha.slice(0, 12), 16)),
    commit: {
      author: { name: commit.authorName, email: commit.authorEmail, date: commit.authorDate },
      committer: { name: commit.committerName, email: commit.committerEmail, date: commit.committerDate },
      message: commit.message,
      tree: { sha: commit.treeSha, url: `${gitUrl}/trees/${commit.treeSha}` },
      url: `${gitUrl}/commits/${commit.sha}`,
      comment_count: 0,
      verification: unsigned
    },
    url,
    html_url: `${page}/commit/${commit.sha}`,
    comments_url: `${url}/comments`,
    author: describeAuthor(world, commit.authorName),
    committer: describeAuthor(world, commit.committerName),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${repositoryUrl(world, repository)}/commits/${sha}`,
      html_url: `${page}/commit/${sha}`
    }))
  }
}

/** The short form inside webhooks (push, check_suite, merge_group). */
export function describeHeadCommit(commit: CommitFacts): JsonObject {
  return {
    id: commit.sha,
    tree_id: commit.treeSha,
    message: commit.message,
    timestamp: commit.committerDate,
    author: { name: commit.authorName, email: commit.authorEmail },
    committer: { name: commit.committerName, email: commit.committerEmail }
  }
}

export function describeChangedFile(
  world: World,
  repository: RepositoryRecord,
  headSha: string,
  file: ChangedFile
): JsonObject {
  const page = repositoryPage(world, repository)
  const path = file.filename.split('/').map(encodeURIComponent).join('/')
  return {
    sha: file.sha,
    filename: file.filename,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${page}/blob/${headSha}/${path}`,
    raw_url: `${page}/raw/${headSha}/${path}`,
    contents_url: `${repositoryUrl(world, repository)}/contents/${path}?ref=${headSha}`,
    ...(file.previousFilename === undefined ? {} : { previous_filename: file.previousFilename })
  }
}
