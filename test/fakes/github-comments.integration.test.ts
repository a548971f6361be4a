import type { Octokit } from '@octokit/rest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectedApp } from './connected-app.ts'
import { asInstallation, connectApp } from './connected-app.ts'

const at = { owner: 'octo', repo: 'models' }
let connected: ConnectedApp
let octokit: Octokit

beforeAll(async () => {
  connected = await connectApp()
  const { github, app } = connected
  const repository = await github.createRepository({ owner: 'octo', name: 'models' })
  await github.commit(repository, 'feature', { files: { 'a.txt': 'a' } })
  await github.openPullRequest(repository, { head: 'feature', author: 'alice' })
  octokit = await asInstallation(github, app, 'octo')
})

afterAll(async () => {
  expect(connected.github.violations).toEqual([])
  await connected.close()
})

function create(body: string) {
  return octokit.rest.issues.createComment({ ...at, issue_number: 1, body })
}

describe('comments', () => {
  test('of the app come from its bot account and name the app', async () => {
    const { data } = await create('hello')

    expect(data.user).toMatchObject({ login: 'tailgate[bot]', type: 'Bot' })
    expect(data.performed_via_github_app).toMatchObject({ id: connected.app.appId })
  })

  test('of people name no app', async () => {
    const comment = connected.github.comment('octo/models', 1, { author: 'alice', body: '/benchmark' })

    const { data } = await octokit.rest.issues.getComment({ ...at, comment_id: comment.id })

    expect(data).toMatchObject({ body: '/benchmark', user: { login: 'alice' }, performed_via_github_app: null })
  })

  test('can be edited and deleted', async () => {
    const { data } = await create('before')

    await octokit.rest.issues.updateComment({ ...at, comment_id: data.id, body: 'after' })
    const listed = await octokit.paginate(octokit.rest.issues.listComments, { ...at, issue_number: 1, per_page: 1 })
    await octokit.rest.issues.deleteComment({ ...at, comment_id: data.id })

    expect(listed.find((comment) => comment.id === data.id)?.body).toBe('after')
    const gone = octokit.rest.issues.getComment({ ...at, comment_id: data.id })
    await expect(gone).rejects.toMatchObject({ status: 404 })
  })

  test('may not be blank', async () => {
    await expect(create(' \n')).rejects.toMatchObject({ status: 422, message: expect.stringContaining('blank') })
  })

  test('may have 65,536 characters and no more', async () => {
    expect((await create('x'.repeat(65_536))).status).toBe(201)

    await expect(create('x'.repeat(65_537))).rejects.toMatchObject({ status: 422 })
  })

  test('cannot be written to a pull request that does not exist', async () => {
    const attempt = octokit.rest.issues.createComment({ ...at, issue_number: 404, body: 'x' })

    await expect(attempt).rejects.toMatchObject({ status: 404 })
  })

  test('need pull_requests:write, issues:write is not enough', async () => {
    const { github } = connected
    const permissions = { issues: 'write', pull_requests: 'read' }
    const app = github.createApp({ appId: 55, slug: 'issues-only', permissions })
    const narrow = await asInstallation(github, app, 'octo')

    const attempt = narrow.rest.issues.createComment({ ...at, issue_number: 1, body: 'x' })

    await expect(attempt).rejects.toMatchObject({ status: 403 })
  })
})

describe('reactions', () => {
  test('are made once: the second time answers 200 with the first', async () => {
    const comment_id = (await create('react to me')).data.id
    const react = () => octokit.rest.reactions.createForIssueComment({ ...at, comment_id, content: 'eyes' })

    const first = await react()
    const second = await react()

    const { data } = await octokit.rest.reactions.listForIssueComment({ ...at, comment_id })
    expect([first.status, second.status]).toEqual([201, 200])
    expect(data.map((reaction) => [reaction.user?.login, reaction.content])).toEqual([['tailgate[bot]', 'eyes']])
  })

  test('of an unknown kind are refused', async () => {
    const comment_id = (await create('react')).data.id

    const attempt = octokit.request('POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions', {
      ...at,
      comment_id,
      // @ts-expect-error: the point of this test
      content: 'poop'
    })

    await expect(attempt).rejects.toMatchObject({ status: 422 })
  })
})

describe('minimizing a comment', () => {
  const mutation = `mutation ($id: ID!) {
    minimizeComment(input: { subjectId: $id, classifier: OUTDATED }) { minimizedComment { isMinimized } }
  }`

  test('hides it with the reason given', async () => {
    const { data } = await create('hide me')

    await octokit.graphql(mutation, { id: data.node_id })

    const comment = connected.github.comments('octo/models', 1).find((candidate) => candidate.id === data.id)
    expect(comment?.minimizedReason).toBe('outdated')
  })

  test('fails for an id that names nothing', async () => {
    await expect(octokit.graphql(mutation, { id: 'IC_nothing' })).rejects.toThrow(/Could not resolve to a node/)
  })
})

describe('permissions of people', () => {
  test.each([
    ['admin', 'admin', 'admin'],
    ['maintain', 'write', 'maintain'],
    ['triage', 'read', 'triage'],
    ['none', 'none', 'none']
  ] as const)('%s is reported as %s', async (role, permission, roleName) => {
    connected.github.setPermission('octo/models', `person-${role}`, role)

    const { data } = await octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username: `person-${role}` })

    expect(data).toMatchObject({ permission, role_name: roleName })
  })

  test('somebody unknown to GitHub is a 404', async () => {
    const attempt = octokit.rest.repos.getCollaboratorPermissionLevel({ ...at, username: 'nobody-at-all' })

    await expect(attempt).rejects.toMatchObject({ status: 404 })
  })
})
