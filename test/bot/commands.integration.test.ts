import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { PullRequestRecord } from '#test/fakes/github/state.ts'
import { type BotHarness, measured, REPOSITORY, startHarness } from './bot-harness.ts'

let bot: BotHarness

beforeAll(async () => {
  bot = await startHarness()
  await bot.github.createFork(REPOSITORY, 'stranger')
})
afterEach(() => expect(bot.github.violations).toEqual([]))
afterAll(() => bot.stop())

const FORK = 'stranger/voice'

async function openFromFork(content: string): Promise<PullRequestRecord> {
  const head = `fork-${content.replaceAll(' ', '-')}`
  await bot.github.commit(FORK, head, { files: { 'models/vad.onnx': content }, author: 'stranger', from: 'main' })
  return bot.github.openPullRequest(REPOSITORY, { head, author: 'stranger', fromFork: FORK })
}

function jobsOf(headSha: string): number {
  return bot.jobs.filter(({ candidateSha }) => candidateSha === headSha).length
}

/** Waits for our answer to the last comment, and returns its text. */
async function answerOn(pull: PullRequestRecord, containing: string): Promise<string> {
  return vi.waitFor(
    () => {
      const body = bot.github.comments(REPOSITORY, pull.number).at(-1)?.body ?? ''
      if (!body.includes(containing)) throw new Error(`The last comment is: ${body}`)
      return body
    },
    { timeout: 10_000 }
  )
}

function reactionsOf(commentId: number, pull: PullRequestRecord): string[] {
  const comment = bot.github.comments(REPOSITORY, pull.number).find(({ id }) => id === commentId)
  return (comment?.reactions ?? []).map(({ content }) => content)
}

test('code from a fork waits for approval; a stranger cannot give it and a maintainer can, for exactly one commit', async () => {
  const pull = await openFromFork('first from a fork')
  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'action_required' })
  expect(jobsOf(pull.headSha)).toBe(0)

  const plea = bot.github.comment(REPOSITORY, pull.number, { body: `/benchmark ${pull.headSha}`, author: 'stranger' })
  await vi.waitFor(() => expect(reactionsOf(plea.id, pull)).toEqual(['confused']), { timeout: 10_000 })
  expect(jobsOf(pull.headSha)).toBe(0)

  bot.github.comment(REPOSITORY, pull.number, { body: `/benchmark ${pull.headSha.slice(0, 12)}`, author: 'mona' })
  await answerOn(pull, `/benchmark ${pull.headSha}`)
  expect(jobsOf(pull.headSha)).toBe(0)

  bot.github.comment(REPOSITORY, pull.number, { body: '/benchmark', author: 'mona' })
  await answerOn(pull, `/benchmark ${pull.headSha}`)
  expect(jobsOf(pull.headSha)).toBe(0)

  const approval = bot.github.comment(REPOSITORY, pull.number, { body: `/benchmark ${pull.headSha}`, author: 'mona' })
  await vi.waitFor(() => expect(jobsOf(pull.headSha)).toBe(1), { timeout: 10_000 })
  await vi.waitFor(() => expect(bot.checkOf(pull.headSha)?.conclusion).toBe('success'), { timeout: 10_000 })
  await vi.waitFor(() => expect(reactionsOf(approval.id, pull)).toEqual(['eyes']))
})

test('an approval does not reach the next push', async () => {
  const pull = await openFromFork('second from a fork')
  await bot.concluded(pull.headSha)
  const newerSha = await bot.github.commit(FORK, 'fork-second-from-a-fork', { files: { 'models/vad.onnx': 'swapped' } })

  bot.github.comment(REPOSITORY, pull.number, { body: `/benchmark ${pull.headSha}`, author: 'mona' })

  await answerOn(pull, newerSha)
  expect(await bot.concluded(newerSha)).toMatchObject({ conclusion: 'action_required' })
  expect(jobsOf(newerSha)).toBe(0)
})

test('/benchmark measures everything again, also what the change does not touch', async () => {
  const pull = await bot.openPull({ 'README.md': '# asked for\n' })
  await bot.concluded(pull.headSha)

  bot.github.comment(REPOSITORY, pull.number, { body: '/benchmark', author: 'mona' })

  await vi.waitFor(() => expect(jobsOf(pull.headSha)).toBe(1), { timeout: 10_000 })
})

test('/benchmark cancel stops the run', async () => {
  bot.setScript(
    (_job, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  )
  const pull = await bot.openPull({ 'models/vad.onnx': 'to be cancelled' })
  await vi.waitFor(() => expect(jobsOf(pull.headSha)).toBe(1), { timeout: 10_000 })

  bot.github.comment(REPOSITORY, pull.number, { body: '/benchmark cancel', author: 'mona' })

  expect(await bot.concluded(pull.headSha)).toMatchObject({
    conclusion: 'cancelled',
    summary: expect.stringContaining('mona')
  })
  bot.setScript((job) => measured(job, 1))
})

test('a wrong word is answered with the valid ones', async () => {
  const pull = await bot.openPull({ 'README.md': '# wrong word\n' })
  await bot.concluded(pull.headSha)

  const comment = bot.github.comment(REPOSITORY, pull.number, { body: '/benchmark cancle', author: 'mona' })

  expect(await answerOn(pull, 'Did you mean')).toContain('/benchmark cancel')
  await vi.waitFor(() => expect(reactionsOf(comment.id, pull)).toEqual(['confused']))
})

test('quoted commands and comments by bots are ignored', async () => {
  const pull = await bot.openPull({ 'README.md': '# quiet\n' })
  await bot.concluded(pull.headSha)
  const before = await bot.query('select count(*)::int as n from request')

  bot.github.comment(REPOSITORY, pull.number, { body: '> /benchmark', author: 'mona' })
  bot.github.comment(REPOSITORY, pull.number, { body: '/benchmark', author: 'tailgate[bot]' })
  await bot.github.deliveriesSettled()

  expect(await bot.query('select count(*)::int as n from request')).toEqual(before)
})

test('a permission check that fails is a no, and is tried again', async () => {
  const pull = await openFromFork('third from a fork')
  await bot.concluded(pull.headSha)
  bot.github.fail({ path: /\/collaborators\/mona\/permission/, status: 500, times: 2 })

  bot.github.comment(REPOSITORY, pull.number, { body: `/benchmark ${pull.headSha}`, author: 'mona' })

  await vi.waitFor(() => expect(jobsOf(pull.headSha)).toBe(1), { timeout: 15_000 })
})

test('a command whose comment is deleted is carried out all the same, and holds nothing up', async () => {
  const pull = await bot.openPull({ 'README.md': '# deleted comment\n' })
  await bot.concluded(pull.headSha)
  bot.github.fail({ method: 'POST', path: /\/reactions$/, status: 404, times: 1 })

  bot.github.comment(REPOSITORY, pull.number, { body: '/benchmark', author: 'mona' })

  await vi.waitFor(() => expect(jobsOf(pull.headSha)).toBe(1), { timeout: 10_000 })
})
