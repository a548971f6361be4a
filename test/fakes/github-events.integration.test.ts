import type { Octokit } from '@octokit/rest'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ConnectedApp } from './connected-app.ts'
import { asInstallation, connectApp, lastPayload, receivedNames } from './connected-app.ts'
import { readObject } from './github/json.ts'
import type { Repository } from './github/repository-actions.ts'

const at = { owner: 'octo', repo: 'models' }
const events = ['check_run', 'check_suite', 'issue_comment', 'merge_group', 'pull_request', 'push']
const permissions = {
  checks: 'write',
  contents: 'read',
  issues: 'read',
  merge_queues: 'read',
  pull_requests: 'write'
}
let connected: ConnectedApp
let octokit: Octokit
let repository: Repository

beforeEach(async () => {
  connected = await connectApp({ events, permissions })
  repository = await connected.github.createRepository({ owner: 'octo', name: 'models' })
  octokit = await asInstallation(connected.github, connected.app, 'octo')
  await connected.github.deliveriesSettled()
})

afterEach(async () => {
  expect(connected.github.violations).toEqual([])
  await connected.close()
})

async function openPullRequest() {
  const { github } = connected
  await github.commit(repository, 'feature', { files: { 'a.txt': 'a' }, author: 'alice' })
  return github.openPullRequest(repository, { head: 'feature', author: 'alice' })
}

describe('pull request events', () => {
  test('follow what people do with it', async () => {
    const { github } = connected
    const { number } = await openPullRequest()
    await github.convertToDraft(repository, number)
    await github.readyForReview(repository, number)
    await github.commit(repository, 'other', { files: { b: 'b' } })
    await github.changeBase(repository, number, 'other')
    await github.closePullRequest(repository, number)
    await github.reopenPullRequest(repository, number)
    await github.deleteBranch(repository, 'feature')

    const names = (await receivedNames(connected)).filter((name) => name.startsWith('pull_request'))
    const actions = ['opened', 'converted_to_draft', 'ready_for_review', 'edited', 'closed', 'reopened', 'closed']
    expect(names).toEqual(actions.map((action) => `pull_request.${action}`))
  })

  test('a push to the head branch says what was there before', async () => {
    const pull = await openPullRequest()

    const after = await connected.github.commit(repository, 'feature', { files: { 'a.txt': 'b' }, author: 'alice' })

    expect(await lastPayload(connected, 'pull_request')).toMatchObject({
      action: 'synchronize',
      before: pull.headSha,
      after,
      pull_request: { head: { sha: after } },
      sender: { login: 'alice' }
    })
  })

  test('a force push moves the branch off its old history', async () => {
    const pull = await openPullRequest()

    await connected.github.commit(repository, 'feature', { files: { 'a.txt': 'c' }, from: 'main' })

    expect(await lastPayload(connected, 'push')).toMatchObject({ before: pull.headSha, forced: true })
  })

  test('a push to a closed pull request says nothing about it', async () => {
    const { github } = connected
    const pull = await openPullRequest()
    await github.closePullRequest(repository, pull.number)

    await github.commit(repository, 'feature', { files: { 'a.txt': 'b' } })

    expect(await receivedNames(connected)).not.toContain('pull_request.synchronize')
  })

  test('a merge moves the base branch to the merge commit', async () => {
    const { github } = connected
    const pull = await openPullRequest()

    const closed = await github.closePullRequest(repository, pull.number, { by: 'octo', merge: true })

    expect(await lastPayload(connected, 'pull_request')).toMatchObject({
      pull_request: { merged: true, state: 'closed' }
    })
    const { data } = await octokit.rest.repos.getBranch({ ...at, branch: 'main' })
    expect(data.commit.sha).toBe(closed.mergeCommitSha)
  })

  test('a pull request from a fork has its head in another repository, and check runs do not list it', async () => {
    const { github } = connected
    const fork = await github.createFork(repository, 'mallory')
    await github.commit(fork, 'change', { files: { 'a.txt': 'evil' }, author: 'mallory' })

    const pull = await github.openPullRequest(repository, { head: 'change', author: 'mallory', fromFork: fork })
    const { data } = await octokit.rest.checks.create({ ...at, name: 'tailgate', head_sha: pull.headSha })

    const payload = readObject(await lastPayload(connected, 'pull_request'), 'pull_request')
    expect(payload).toMatchObject({
      head: { repo: { full_name: 'mallory/models', fork: true } },
      base: { repo: { full_name: 'octo/models' } }
    })
    expect(data.pull_requests).toEqual([])
  })

  test('a merge queue asks for checks on a commit of its own', async () => {
    const { github } = connected
    const pull = await openPullRequest()

    const group = await github.enqueueForMerge(repository, pull.number)
    const run = await octokit.rest.checks.create({ ...at, name: 'tailgate', head_sha: group.headSha })
    await github.destroyMergeGroup(repository, group, 'merged')

    expect(group.headSha).not.toBe(pull.headSha)
    expect(run.status).toBe(201)
    expect(await receivedNames(connected)).toEqual(
      expect.arrayContaining(['merge_group.checks_requested', 'merge_group.destroyed'])
    )
  })
})

describe('check events', () => {
  async function completedRun(): Promise<number> {
    const actions = [{ label: 'Approve', description: 'Run it', identifier: 'approve' }]
    const run = { ...at, name: 'tailgate', head_sha: repository.headSha, conclusion: 'action_required' as const }
    return (await octokit.rest.checks.create({ ...run, actions })).data.id
  }

  test('a rerun is asked of the app that made the run, and changes nothing by itself', async () => {
    const { github, receiver } = connected
    const id = await completedRun()
    github.createApp({ appId: 61, slug: 'bystander', webhookUrl: receiver.url, events, permissions })

    github.rerequest({ id }, 'alice')

    const names = await receivedNames(connected)
    expect(names.filter((name) => name === 'check_run.rerequested')).toHaveLength(1)
    expect(await lastPayload(connected, 'check_run')).toMatchObject({
      check_run: { id, conclusion: 'action_required' }
    })
    expect(github.checkRuns(repository)[0]?.status).toBe('completed')
  })

  test('a button click names the button and the commit', async () => {
    const id = await completedRun()

    connected.github.requestAction({ id }, 'approve', 'alice')

    expect(await lastPayload(connected, 'check_run')).toMatchObject({
      action: 'requested_action',
      requested_action: { identifier: 'approve' },
      check_run: { head_sha: repository.headSha },
      sender: { login: 'alice' }
    })
  })

  test('re-running all checks names the suite', async () => {
    const id = await completedRun()

    await connected.github.rerequestSuite({ id })

    expect(await lastPayload(connected, 'check_suite')).toMatchObject({
      action: 'rerequested',
      check_suite: { head_sha: repository.headSha }
    })
  })
})

test('comments of the app come back to it as events of its bot', async () => {
  await openPullRequest()

  await octokit.rest.issues.createComment({ ...at, issue_number: 1, body: 'hello' })

  expect(await lastPayload(connected, 'issue_comment')).toMatchObject({
    action: 'created',
    sender: { login: 'tailgate[bot]', type: 'Bot' },
    comment: { performed_via_github_app: { slug: 'tailgate' } },
    issue: { number: 1, pull_request: { url: `${connected.github.apiUrl}/repos/octo/models/pulls/1` } }
  })
})
