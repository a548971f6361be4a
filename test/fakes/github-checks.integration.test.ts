import type { Octokit } from '@octokit/rest'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ConnectedApp } from './connected-app.ts'
import { asInstallation, connectApp } from './connected-app.ts'

const at = { owner: 'octo', repo: 'models' }
const output = { title: 'No change', summary: 'All good.' }
let connected: ConnectedApp
let octokit: Octokit
let headSha: string

beforeAll(async () => {
  connected = await connectApp()
  headSha = (await connected.github.createRepository({ owner: 'octo', name: 'models' })).headSha
  octokit = await asInstallation(connected.github, connected.app, 'octo')
})

afterAll(async () => {
  expect(connected.github.violations).toEqual([])
  await connected.close()
})

async function createRun(fields: object = {}): Promise<number> {
  const { data } = await octokit.rest.checks.create({ ...at, name: 'tailgate', head_sha: headSha, ...fields })
  return data.id
}

function annotation(line: number) {
  return {
    path: 'a.ts',
    start_line: line,
    end_line: line,
    annotation_level: 'warning' as const,
    message: `line ${line}`
  }
}

/** The message that GitHub refuses a new run with. */
async function refusal(fields: object): Promise<string> {
  const error: unknown = await createRun(fields).catch((reason: unknown) => reason)
  if (!(error instanceof Error)) throw new Error('The check run was accepted')
  return `${'status' in error ? error.status : ''} ${error.message}`
}

describe('a check run', () => {
  test('starts queued and belongs to the app that made it', async () => {
    const { data } = await octokit.rest.checks.get({ ...at, check_run_id: await createRun() })

    expect(data).toMatchObject({ status: 'queued', conclusion: null, app: { slug: 'tailgate' }, head_sha: headSha })
  })

  test('is completed by a conclusion, at the time of the request', async () => {
    const id = await createRun({ status: 'in_progress' })

    const { data } = await octokit.rest.checks.update({ ...at, check_run_id: id, conclusion: 'failure', output })

    expect(data).toMatchObject({ status: 'completed', conclusion: 'failure' })
    expect(Date.parse(data.completed_at ?? '')).not.toBeNaN()
  })

  test('loses its conclusion when it is started again', async () => {
    const id = await createRun({ conclusion: 'failure' })

    const { data } = await octokit.rest.checks.update({ ...at, check_run_id: id, status: 'in_progress' })

    expect(data).toMatchObject({ status: 'in_progress', conclusion: null, completed_at: null })
  })

  test('collects the annotations of every update', async () => {
    const id = await createRun({ output: { ...output, annotations: [annotation(1)] } })

    await octokit.rest.checks.update({ ...at, check_run_id: id, output: { ...output, annotations: [annotation(2)] } })

    const { data } = await octokit.rest.checks.listAnnotations({ ...at, check_run_id: id })
    expect(data.map((one) => one.message)).toEqual(['line 1', 'line 2'])
  })

  test('cannot be changed by another app', async () => {
    const id = await createRun()
    const rival = connected.github.createApp({ appId: 99, slug: 'rival' })
    const rivalOctokit = await asInstallation(connected.github, rival, 'octo')

    const attempt = rivalOctokit.rest.checks.update({ ...at, check_run_id: id, conclusion: 'success' })

    await expect(attempt).rejects.toMatchObject({
      status: 403,
      message: expect.stringContaining('can only be modified by the GitHub App that created it')
    })
  })

  test('takes up to 65,535 bytes of summary', async () => {
    const id = await createRun({ output: { title: 't', summary: 'é'.repeat(32_767) } })

    expect(id).toBeGreaterThan(0)
  })
})

describe('GitHub refuses', () => {
  test.each([
    ['an unknown conclusion', { conclusion: 'splendid' }, /422 .*"splendid" is not a member of/s],
    ['the conclusion stale', { conclusion: 'stale' }, /422 .*only be set by GitHub/s],
    ['completed without a conclusion', { status: 'completed' }, /422 .*"conclusion" wasn't supplied/s],
    ['a SHA that it does not know', { head_sha: 'b'.repeat(40) }, /422 .*No commit found for SHA/s],
    ['a branch instead of a SHA', { head_sha: 'main' }, /422 .*No commit found for SHA/s],
    [
      'a summary of too many bytes in few characters',
      { output: { title: 't', summary: '🚀'.repeat(20_000) } },
      /422 .*summary exceeds a maximum bytesize of 65535/s
    ],
    [
      'a summary of too many characters',
      { output: { title: 't', summary: 'x'.repeat(70_000) } },
      /422 .*Only 65535 characters are allowed; 70000 were supplied/s
    ],
    [
      'a fourth action',
      { actions: Array(4).fill({ label: 'l', description: 'd', identifier: 'i' }) },
      /422 .*No more/s
    ],
    ['a label over 20 characters', { actions: [{ label: 'l'.repeat(21), description: 'd', identifier: 'i' }] }, /422/],
    ['a description over 40', { actions: [{ label: 'l', description: 'd'.repeat(41), identifier: 'i' }] }, /422/],
    ['an identifier over 20', { actions: [{ label: 'l', description: 'd', identifier: 'i'.repeat(21) }] }, /422/],
    ['51 annotations', { output: { ...output, annotations: Array(51).fill(annotation(1)) } }, /422 .*No more than 50/s],
    ['a details_url that is no web address', { details_url: 'javascript:alert(1)' }, /422 .*details_url/s]
  ])('%s', async (_name, fields, expected) => {
    expect(await refusal(fields)).toMatch(expected)
  })
})

describe('the runs of a commit', () => {
  test('show the newest of each name unless all are asked for', async () => {
    await createRun({ name: 'twice', external_id: 'first' })
    await createRun({ name: 'twice', external_id: 'second' })
    const query = { ...at, ref: headSha, check_name: 'twice' }

    const latest = await octokit.rest.checks.listForRef(query)
    const all = await octokit.rest.checks.listForRef({ ...query, filter: 'all' })

    expect(latest.data.check_runs.map((run) => run.external_id)).toEqual(['second'])
    expect(all.data.check_runs.map((run) => run.external_id)).toEqual(['second', 'first'])
  })

  test('can be limited to one app', async () => {
    await createRun({ name: 'ours' })

    const { data } = await octokit.rest.checks.listForRef({ ...at, ref: 'main', check_name: 'ours', app_id: 4711 })

    expect(data.total_count).toBe(0)
  })

  test('come in pages that link to each other', async () => {
    await createRun({ name: 'paged' })
    await createRun({ name: 'paged' })
    await createRun({ name: 'paged' })

    const runs = await octokit.paginate(octokit.rest.checks.listForRef, {
      ...at,
      ref: headSha,
      check_name: 'paged',
      filter: 'all',
      per_page: 1
    })

    expect(runs).toHaveLength(3)
  })
})
