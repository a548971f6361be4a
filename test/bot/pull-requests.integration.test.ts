import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import { type BotHarness, CONFIG, measured, REPOSITORY, startHarness } from './bot-harness.ts'

let bot: BotHarness

beforeAll(async () => {
  bot = await startHarness()
})
afterEach(() => {
  bot.setScript((job) => measured(job, 1))
  expect(bot.github.violations).toEqual([])
})
afterAll(() => bot.stop())

test('a slower model ends in a failed check and one comment that say so', async () => {
  bot.setScript((job) => measured(job, 1.2))

  const pull = await bot.openPull({ 'models/vad.onnx': 'slower model' })

  const check = await bot.concluded(pull.headSha)
  expect(check).toMatchObject({
    name: 'tailgate',
    conclusion: 'failure',
    title: expect.stringMatching(/^Regression: /)
  })
  await vi.waitFor(() => expect(bot.github.comments(REPOSITORY, pull.number)).toHaveLength(1))
  expect(bot.github.comments(REPOSITORY, pull.number)[0]?.body).toContain('Regression')
})

test.each([
  ['faster', 0.8, 'Improvement'],
  ['equally fast', 1, 'Unchanged']
])('a(n) %s model passes', async (_name, factor, title) => {
  bot.setScript((job) => measured(job, factor))

  const pull = await bot.openPull({ 'models/vad.onnx': `model ${factor}` })

  expect(await bot.concluded(pull.headSha)).toMatchObject({
    conclusion: 'success',
    title: expect.stringContaining(title)
  })
})

test('a docs-only change ends in success without a job and without a comment', async () => {
  const jobsBefore = bot.jobs.length

  const pull = await bot.openPull({ 'README.md': '# Voice, explained\n' })

  expect(await bot.concluded(pull.headSha)).toMatchObject({
    conclusion: 'success',
    summary: expect.stringContaining('models/vad.onnx')
  })
  expect(bot.jobs).toHaveLength(jobsBefore)
  expect(bot.github.comments(REPOSITORY, pull.number)).toEqual([])
})

test('a pull request without any change ends in success', async () => {
  const pull = await bot.openPull({})

  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'success' })
})

test('a new push cancels the running job, ends its check and keeps one comment', async () => {
  const stopped: string[] = []
  bot.setScript(
    (job, { signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          stopped.push(job.candidateSha)
          reject(new Error('stopped'))
        })
      })
  )
  const pull = await bot.openPull({ 'models/vad.onnx': 'first push' }, { branch: 'two-pushes' })
  await vi.waitFor(() => expect(bot.jobs.at(-1)?.candidateSha).toBe(pull.headSha), { timeout: 10_000 })
  bot.setScript((job) => measured(job, 1.3))

  const secondSha = await bot.github.commit(REPOSITORY, 'two-pushes', { files: { 'models/vad.onnx': 'second push' } })

  expect(await bot.concluded(secondSha)).toMatchObject({ conclusion: 'failure' })
  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'cancelled' })
  expect(stopped).toEqual([pull.headSha])
  await vi.waitFor(() => {
    const comments = bot.github.comments(REPOSITORY, pull.number)
    expect(comments).toHaveLength(1)
    expect(comments[0]?.body).toContain(secondSha.slice(0, 7))
  })
})

test('closing a pull request cancels its run', async () => {
  bot.setScript(
    (_job, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  )
  const pull = await bot.openPull({ 'models/vad.onnx': 'to be closed' })
  await vi.waitFor(() => expect(bot.jobs.at(-1)?.candidateSha).toBe(pull.headSha), { timeout: 10_000 })

  await bot.github.closePullRequest(REPOSITORY, pull.number)

  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'cancelled' })
})

test('deleting the head branch while it is measured ends the check, as GitHub then closes the pull request', async () => {
  bot.setScript(
    (_job, { signal }) =>
      new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))))
  )
  const pull = await bot.openPull({ 'models/vad.onnx': 'branch goes away' }, { branch: 'short-lived' })
  await vi.waitFor(() => expect(bot.jobs.at(-1)?.candidateSha).toBe(pull.headSha), { timeout: 10_000 })

  await bot.github.deleteBranch(REPOSITORY, 'short-lived')

  expect(await bot.concluded(pull.headSha)).toMatchObject({
    conclusion: 'cancelled',
    summary: expect.stringContaining('closed')
  })
})

test('"Re-run" measures the same commit again as a second attempt', async () => {
  const pull = await bot.openPull({ 'models/vad.onnx': 'measured twice' })
  const first = await bot.concluded(pull.headSha)

  bot.github.rerequest(first)

  await vi.waitFor(() => expect(bot.github.checkRuns(REPOSITORY, pull.headSha)).toHaveLength(2), { timeout: 20_000 })
  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'success' })
  expect(bot.jobs.filter(({ candidateSha }) => candidateSha === pull.headSha)).toHaveLength(2)
})

test('a mistake in the pull request’s configuration is annotated at its line', async () => {
  const pull = await bot.openPull({ '.github/tailgate.yml': CONFIG.replace('models:', 'modles:') })

  const check = await bot.concluded(pull.headSha)

  expect(check.conclusion).toBe('failure')
  expect(check.annotations).toContainEqual(
    expect.objectContaining({ path: '.github/tailgate.yml', startLine: 2, message: expect.stringContaining('models') })
  )
})

test('deleting the configuration does not open the gate', async () => {
  await bot.github.commit(REPOSITORY, 'no-config', { files: { '.github/tailgate.yml': null }, from: 'main' })
  const pull = await bot.github.openPullRequest(REPOSITORY, { head: 'no-config', author: 'mona' })

  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'failure' })
})

test('thresholds come from the base branch; an edit is shown and not applied', async () => {
  bot.setScript((job) => measured(job, 1.2))

  const pull = await bot.openPull({
    'models/vad.onnx': 'slower again',
    '.github/tailgate.yml': `${CONFIG}thresholds: { p50: 90%, throughput: 90% }\n`
  })

  const check = await bot.concluded(pull.headSha)
  expect(check.conclusion).toBe('failure')
  expect(check.summary).toContain('not applied')
})

test.each([
  ['the worker fails', () => Promise.reject(new Error('the disk is full')), 'the disk is full'],
  [
    'the worker sends nonsense',
    (job: Parameters<typeof measured>[0]) => ({ ...measured(job, 1), cases: [] }),
    'no result'
  ]
])('%s: the check fails and says why', async (_name, script, text) => {
  bot.setScript(script)

  const pull = await bot.openPull({ 'models/vad.onnx': `broken ${text}` })

  const check = await bot.concluded(pull.headSha)
  expect(check.conclusion).toBe('failure')
  expect(`${check.summary}${check.text}`).toContain(text)
})

test('renaming a model does not open the gate', async () => {
  const pull = await bot.openPull({
    'models/vad.onnx': 'a slower model under another name',
    '.github/tailgate.yml': CONFIG.replace('vad:', 'renamed:')
  })

  expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'failure' })
})

test('the worker is told to stop while GitHub hangs over a write about the check', async () => {
  const events: string[] = []
  bot.setScript(
    (_job, { signal, reportProgress }) =>
      new Promise((_resolve, reject) => {
        reportProgress({ phase: 'measuring', roundsDone: 1, roundsMax: 16, elapsedMs: 1, message: 'p50' })
        signal.addEventListener('abort', () => {
          events.push('worker stopped')
          reject(new Error('stopped'))
        })
      })
  )
  bot.github.delay({ method: 'PATCH', path: /\/check-runs\//, ms: 8_000, times: 1 })
  const pull = await bot.openPull({ 'models/vad.onnx': 'GitHub hangs' }, { branch: 'hanging' })
  await vi.waitFor(() => expect(bot.jobs.at(-1)?.candidateSha).toBe(pull.headSha), { timeout: 10_000 })
  bot.setScript((job) => measured(job, 1))

  await bot.github.commit(REPOSITORY, 'hanging', { files: { 'models/vad.onnx': 'pushed while GitHub hangs' } })
  void bot.concluded(pull.headSha).then(() => events.push('check ended'))

  await vi.waitFor(() => expect(events).toEqual(['worker stopped', 'check ended']), { timeout: 20_000 })
})
