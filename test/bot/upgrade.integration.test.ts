import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { type BotHarness, measured, REPOSITORY, startHarness } from './bot-harness.ts'

/** A judged outcome with one regression and one inconclusive case, as the version before calibrations stored it. */
const OLD_OUTCOME = join(import.meta.dirname, '../fixtures/history/judged-before-calibration.json')

let bot: BotHarness

beforeAll(async () => {
  bot = await startHarness()
})
afterAll(() => bot.stop())

interface HeldRun {
  readonly headSha: string
  readonly number: number
  /** Lets the worker hand in measurements of a candidate that takes this many times as long. */
  answer(factor: number): void
}

/** Opens a pull request and waits until its job is with the worker, who holds it back. */
async function holdRun(branch: string): Promise<HeldRun> {
  const held = Promise.withResolvers<number>()
  bot.setScript(async (job) => measured(job, await held.promise))
  const { headSha, number } = await bot.openPull({ 'models/vad.onnx': branch }, { branch })
  await vi.waitFor(() => expect(bot.jobs.at(-1)?.candidateSha).toBe(headSha), { timeout: 10_000 })
  return { headSha, number, answer: held.resolve }
}

test('a verdict that an older version stored is published after the upgrade', async () => {
  const run = await holdRun('judged-before')
  const outcome = await readFile(OLD_OUTCOME, 'utf8')

  await bot.query(`update run set state_kind = 'decided', due_at = now(), state = jsonb_build_object(
    'kind', 'decided', 'commits', state #> '{planned,commits}', 'outcome', $json$${outcome}$json$::jsonb)
    where head_sha = '${run.headSha}'`)

  expect(await bot.concluded(run.headSha)).toMatchObject({ conclusion: 'failure' })
  await expect.poll(() => bot.github.comments(REPOSITORY, run.number).length, { timeout: 10_000 }).toBe(1)
  const [comment] = bot.github.comments(REPOSITORY, run.number)
  expect(comment?.body).toContain('Regression')
  expect(comment?.body).toContain('vad/default/offline')
  expect(comment?.body).toContain('never been calibrated')
  run.answer(1)
})

test('what an older version queued is judged after the upgrade', async () => {
  const run = await holdRun('queued-before')
  const stored = await bot.query(`update run set state = state #- '{planned,plan,measuring,design}'
    where head_sha = '${run.headSha}' returning state #> '{planned,plan,measuring}' as measuring`)

  run.answer(1.2)

  expect(stored).toEqual([{ measuring: expect.not.objectContaining({ design: expect.anything() }) }])
  expect(await bot.concluded(run.headSha)).toMatchObject({ conclusion: 'failure' })
  await expect.poll(() => bot.github.comments(REPOSITORY, run.number).length, { timeout: 10_000 }).toBe(1)
  expect(bot.github.comments(REPOSITORY, run.number)[0]?.body).toContain('Regression')
})
