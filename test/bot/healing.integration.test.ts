import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type BotHarness, measured, REPOSITORY, startHarness } from './bot-harness.ts'

let bot: BotHarness

beforeAll(async () => {
  bot = await startHarness({ sweepEveryMs: 500 })
  // The bot knows a repository from its first webhook on.
  await bot.concluded((await bot.openPull({ 'README.md': '# known\n' })).headSha)
})
afterAll(() => bot.stop())

test('a pull request whose webhook was lost is found all the same', async () => {
  bot.github.setWebhookUrl('http://127.0.0.1:9/nobody-listens')
  const pull = await bot.openPull({ 'models/vad.onnx': 'lost webhook' })
  await bot.github.deliveriesSettled()

  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'success' })
  bot.github.setWebhookUrl(`${bot.url}/api/github/webhooks`)
})

test('what a person cancelled stays cancelled until the next push', async () => {
  bot.setScript(
    (_job, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  )
  const pull = await bot.openPull({ 'models/vad.onnx': 'cancelled' }, { branch: 'cancelled-by-hand' })
  await vi.waitFor(() => expect(bot.jobs.at(-1)?.candidateSha).toBe(pull.headSha), { timeout: 10_000 })
  bot.github.comment(REPOSITORY, pull.number, { body: '/benchmark cancel', author: 'mona' })
  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'cancelled' })
  bot.setScript((job) => measured(job, 1))
  const listings = () => bot.github.requests.filter(({ url }) => /\/pulls\?/.test(url)).length
  const before = listings()
  await vi.waitFor(() => expect(listings()).toBeGreaterThan(before + 2), { timeout: 10_000 })

  expect(bot.github.checkRuns(REPOSITORY, pull.headSha)).toHaveLength(1)

  const nextSha = await bot.github.commit(REPOSITORY, 'cancelled-by-hand', { files: { 'models/vad.onnx': 'next' } })
  expect(await bot.concluded(nextSha)).toMatchObject({ conclusion: 'success' })
})

test('a repository that GitHub refuses does not stop the others, and is not asked without end', async () => {
  await bot.github.createRepository({ owner: 'acme', name: 'refused', files: { 'README.md': '# refused\n' } })
  bot.github.fail({ path: /\/repos\/acme\/refused\//, status: 403, times: 1000 })
  await bot.github.commit('acme/refused', 'change', { files: { 'README.md': '# changed\n' }, from: 'main' })
  await bot.github.openPullRequest('acme/refused', { head: 'change', author: 'acme' })
  await bot.github.deliveriesSettled()
  const refused = () => bot.github.requests.filter(({ url }) => url.includes('/refused/pulls/1')).length
  await vi.waitFor(() => expect(refused()).toBeGreaterThan(0), { timeout: 10_000 })

  const pull = await bot.openPull({ 'models/vad.onnx': 'beside a refused one' })

  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'success' })
  const [row] = await bot.query('select attempts, due_at > now() as waits from request where finished_at is null')
  expect(row).toEqual({ attempts: refused(), waits: expect.any(Boolean) })
  bot.github.clearFaults()
})
