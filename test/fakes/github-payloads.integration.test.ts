import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectedApp } from './connected-app.ts'
import { asInstallation, connectApp } from './connected-app.ts'
import type { JsonObject } from './github/json.ts'
import { isJsonObject, parseJsonObject } from './github/json.ts'

const at = { owner: 'octo', repo: 'models' }
let connected: ConnectedApp

beforeAll(async () => {
  connected = await connectApp()
  const { github, app } = connected
  const repository = await github.createRepository({ owner: 'octo', name: 'models' })
  const octokit = await asInstallation(github, app, 'octo')
  await github.commit(repository, 'feature', { files: { 'a.txt': 'a' }, author: 'alice' })
  await github.openPullRequest(repository, { head: 'feature', author: 'alice' })
  const head_sha = await github.commit(repository, 'feature', { files: { 'a.txt': 'b' } })
  const actions = [{ label: 'l', description: 'd', identifier: 'i' }]
  const output = { title: 't', summary: 's' }
  const run = { ...at, name: 'tailgate', head_sha, conclusion: 'failure' as const, output, actions }
  const id = (await octokit.rest.checks.create(run)).data.id
  github.comment(repository, 1, { author: 'alice', body: 'hi' })
  github.rerequest({ id })
  github.requestAction({ id }, 'i')
  await github.closePullRequest(repository, 1)
  await github.deliveriesSettled()
})

afterAll(async () => {
  expect(connected.github.violations).toEqual([])
  await connected.close()
})

/**
 * Paths that `example` has and `ours` lacks. Where ours has null, nothing or an empty list (no milestone, no labels),
 * there is nothing to compare inside it.
 */
function missingPaths(example: unknown, ours: unknown, path = ''): readonly string[] {
  if (Array.isArray(example)) {
    return Array.isArray(ours) && ours.length > 0 ? missingPaths(example[0], ours[0], `${path}[]`) : []
  }
  if (!isJsonObject(example) || !isJsonObject(ours)) return []
  return Object.entries(example).flatMap(([key, child]) =>
    key in ours ? missingPaths(child, ours[key], `${path}.${key}`) : [`${path}.${key}`]
  )
}

/** An example payload that GitHub users recorded, in an app's deliveries where possible. */
function recordedExample(event: string, action: string): JsonObject {
  const file = createRequire(import.meta.url).resolve('@octokit/webhooks-examples')
  const groups: unknown = JSON.parse(readFileSync(file, 'utf8'))
  const group = (Array.isArray(groups) ? groups : []).find((candidate) => candidate.name === event)
  const found: unknown = group?.examples?.find((example: JsonObject) => example.action === action)
  return parseJsonObject(found, `example of ${event}.${action}`)
}

describe('payloads have every key that GitHub sent in the recorded example of', () => {
  // Recorded where an organization owned the repository, or for an app with other permissions.
  const incidental = /^\.organization$|\.permissions\.\w+$/

  test.each([
    ['pull_request', 'opened'],
    ['pull_request', 'synchronize'],
    ['pull_request', 'closed'],
    ['check_run', 'rerequested'],
    ['check_run', 'requested_action'],
    ['issue_comment', 'created'],
    ['installation', 'created']
  ])('%s.%s', (event, action) => {
    const sent = connected.receiver.received.filter((webhook) => webhook.headers['x-github-event'] === event)
    const payloads = sent.map((webhook) => parseJsonObject(JSON.parse(webhook.body), event))
    const ours = payloads.find((payload) => payload.action === action)

    const missing = missingPaths(recordedExample(event, action), ours)

    expect(ours).toBeDefined()
    expect(missing.filter((path) => !incidental.test(path))).toEqual([])
  })
})

test('payloads name no person or address of the recorded examples', () => {
  const sent = connected.receiver.received.map((webhook) => webhook.body).join('\n')

  expect(sent).not.toMatch(/Codertocat|github\.com/)
})
