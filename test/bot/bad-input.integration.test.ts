import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import type { FileChange } from '#test/fakes/github/git-repository.ts'
import type { CheckRunRecord } from '#test/fakes/github/state.ts'
import {
  crashingModel,
  endlessModel,
  identityModel,
  lfsPointer,
  perceptronModel,
  pickyModel,
  truncatedModel
} from '#test/fixtures/onnx/write-model.ts'
import { type BotHarness, type NewPull, REPOSITORY, startHarness } from './bot-harness.ts'
import { createRealWorker, type RealWorker } from './real-worker.ts'

/** Six rounds of a fraction of a second. */
const QUICK = `scenarios: { single_stream: {} }
measuring:
  { round_seconds: 0.2, warm_up_seconds: 0, warm_up_requests: 1, max_rounds: 9, request_timeout_seconds: 2 }
`
const CONFIG = `version: 1
models:
  vad: { path: models/vad.onnx }
${QUICK}`
const CONFIG_PATH = '.github/tailgate.yml'
const MODEL = 'models/vad.onnx'
const ENDLESS = endlessModel()

let bot: BotHarness
let worker: RealWorker

beforeAll(async () => {
  bot = await startHarness()
  worker = await createRealWorker(bot)
  await bot.github.commit(REPOSITORY, 'main', { files: { [CONFIG_PATH]: CONFIG, [MODEL]: goodModel(1) } })
})
beforeEach(() => bot.setScript(worker.run))
afterEach(async () => {
  expect(bot.github.violations).toEqual([])
  await vi.waitFor(async () => expect(await worker.leftovers()).toEqual([]), { timeout: 10_000 })
})
afterAll(async () => {
  await bot.stop()
  await worker.remove()
})

function goodModel(seed: number): Uint8Array {
  return perceptronModel({ rows: 1, width: 16, layers: 1, seed })
}

/** Opens a pull request and waits for its finished check. */
async function judge(files: Readonly<Record<string, FileChange>>, how?: NewPull): Promise<CheckRunRecord> {
  const pull = await bot.openPull(files, how)
  return bot.concluded(pull.headSha)
}

/** Title, summary and text as a reader sees them. */
function textOf(check: CheckRunRecord): string {
  return `${check.title}\n${check.summary}\n${check.text ?? ''}`.replaceAll('\u00A0', ' ')
}

async function branchOff(branch: string, files: Readonly<Record<string, FileChange>>): Promise<void> {
  await bot.github.commit(REPOSITORY, branch, { files, from: 'main' })
}

describe('a model that cannot be measured', () => {
  test.each([
    ['is text', 'this is not a model', ['cannot be read', 'is text', 'Commit the model']],
    ['is not ONNX', new Uint8Array(100), ['cannot be read', MODEL, 'whole ONNX model']],
    ['is cut off', truncatedModel(), ['cannot be read', MODEL, 'whole ONNX model']],
    ['is empty', '', ['cannot be read', 'empty file', 'Commit the model']],
    ['is a Git LFS pointer', lfsPointer(), ['Git LFS pointer', MODEL, 'What to do:']],
    ['is deleted', null, ['model file is missing', MODEL, 'candidate']],
    [
      'is a symbolic link',
      { mode: '120000', content: '/etc/passwd' },
      ['cannot be read', 'symbolic links are not followed', 'Commit the model']
    ],
    ['has an input of an unknown type', identityModel('bfloat16', [1]), ['bfloat16', 'Cast inside the model']],
    ['has an input of strings', identityModel('string', [1]), ['input of the model cannot be generated', 'string']],
    ['refuses its inputs', pickyModel(), ['inference failed', 'float32[1]', 'Set the shapes and values']],
    ['crashes the process', crashingModel(), ['measuring process crashed', 'SIGFPE', 'to see the crash by itself']],
    ['never returns', ENDLESS, ['ran out of time', 'did not answer within 2 s', 'allow a longer time']]
  ])('%s: the check does not pass, says so and what to do', async (_name, content, words) => {
    const check = await judge({ [MODEL]: content })

    // Either closes a required check.
    expect(check.conclusion).toBe(content === ENDLESS ? 'timed_out' : 'failure')
    for (const word of words) expect(textOf(check)).toContain(word)
    expect(textOf(check)).toContain('candidate')
    expect(textOf(check)).not.toContain('/tmp/')
  })

  test('a model that is broken on the base says so, and that the base has to be repaired', async () => {
    await branchOff('broken-base', { [MODEL]: 'not a model either' })

    const check = await judge({ [MODEL]: goodModel(2) }, { base: 'broken-base' })

    expect(check.conclusion).toBe('failure')
    expect(textOf(check)).toContain('baseline')
    expect(textOf(check)).toContain('cannot be read')
  })

  test('a model file that the base does not have is new, and nothing is wrong', async () => {
    await branchOff('without-model', { [MODEL]: null })

    const check = await judge({ [MODEL]: goodModel(3) }, { base: 'without-model' })

    expect(check.conclusion).toBe('success')
    expect(textOf(check)).toMatch(/new/)
    expect(textOf(check)).toContain(MODEL)
  })

  test('beside a good one: the good one is reported, and the check fails and names the other', async () => {
    const models = 'models:\n  vad: { path: models/vad.onnx }\n  second: { path: models/second.onnx }\n'
    await branchOff('two-models', {
      [CONFIG_PATH]: `version: 1\n${models}${QUICK}`,
      'models/second.onnx': goodModel(4)
    })

    const check = await judge({ [MODEL]: goodModel(5), 'models/second.onnx': 'broken' }, { base: 'two-models' })

    expect(check.conclusion).toBe('failure')
    expect(check.title).toContain('second/default/single_stream')
    expect(textOf(check)).toMatch(/\| `vad\/default\/single_stream` \| p50 \| [\d.]+ [µm]s/)
    expect(textOf(check)).toContain('is text, not a model')
  })
})

describe('a configuration that cannot be used', () => {
  test.each([
    ['names a session that does not exist', CONFIG.replace('vad.onnx }', 'vad.onnx, session: fast }'), 3, 'fast'],
    ['is not YAML', 'version: 1\nmodels: [\n', 3, ''],
    ['is binary', Buffer.from([0, 255, 254, 0, 1]), 1, ''],
    ['is empty', '', 1, '']
  ])('that %s is annotated at its line', async (_name, content, startLine, word) => {
    const check = await judge({ [CONFIG_PATH]: content })

    expect(check.conclusion).toBe('failure')
    expect(textOf(check)).toContain('Correct the lines above')
    expect(check.annotations).toContainEqual(
      expect.objectContaining({ path: CONFIG_PATH, startLine, message: expect.stringContaining(word) })
    )
  })

  test('missing at the head: the gate stays closed', async () => {
    const check = await judge({ [CONFIG_PATH]: null })

    expect(check.conclusion).toBe('failure')
    expect(textOf(check)).toContain('Put `.github/tailgate.yml` back')
  })

  test.each([
    ['a folder', { [CONFIG_PATH]: null, [`${CONFIG_PATH}/x`]: 'a file in it' }],
    ['a symbolic link', { [CONFIG_PATH]: { mode: '120000', content: '/etc/passwd' } }]
  ])('%s in its place at the head: the gate stays closed', async (_name, files) => {
    const check = await judge(files)

    expect(check.conclusion).toBe('failure')
    expect(textOf(check)).toContain('Put `.github/tailgate.yml` back')
  })

  test('missing at the base: the pull request that brings it may be merged', async () => {
    await branchOff('no-config', { [CONFIG_PATH]: null })

    const check = await judge({ [CONFIG_PATH]: CONFIG, [MODEL]: goodModel(6) }, { base: 'no-config' })

    expect(check.conclusion).toBe('success')
    expect(textOf(check)).toContain('no valid `.github/tailgate.yml` yet')
  })

  test('missing at both: says how to start', async () => {
    await branchOff('no-config-at-all', { [CONFIG_PATH]: null })

    const check = await judge({ [MODEL]: goodModel(7) }, { base: 'no-config-at-all' })

    expect(check.conclusion).toBe('success')
    expect(textOf(check)).toContain('my-model: { path: models/my-model.onnx }')
  })
})

test('a pull request without a change ends in success', async () => {
  expect(await judge({})).toMatchObject({ conclusion: 'success', title: expect.stringContaining('Nothing') })
})

describe('a head branch that is deleted', () => {
  test('while its job is measured: the job stops within 5 s and the check is cancelled', async () => {
    const pull = await bot.openPull({ [MODEL]: ENDLESS }, { branch: 'deleted-while-active' })
    await vi.waitFor(async () => expect((await worker.leftovers()).join()).toContain('side'), { timeout: 20_000 })

    await bot.github.deleteBranch(REPOSITORY, 'deleted-while-active')

    await vi.waitFor(async () => expect(await worker.leftovers()).toEqual([]), { timeout: 5000 })
    const check = await bot.concluded(pull.headSha)
    expect(check.conclusion).toBe('cancelled')
    expect(textOf(check)).toContain('closed')
  })

  test('while its job waits: the job is never started', async () => {
    const blocker = await bot.openPull({ [MODEL]: ENDLESS })
    await vi.waitFor(() => expect(bot.jobs.at(-1)?.candidateSha).toBe(blocker.headSha), { timeout: 20_000 })
    const pull = await bot.openPull({ [MODEL]: goodModel(8) }, { branch: 'deleted-while-queued' })
    await vi.waitFor(() => expect(bot.checkOf(pull.headSha)?.title).toContain('Waiting for a worker'), {
      timeout: 20_000
    })

    await bot.github.deleteBranch(REPOSITORY, 'deleted-while-queued')

    expect(await bot.concluded(pull.headSha)).toMatchObject({ conclusion: 'cancelled' })
    await bot.concluded(blocker.headSha)
    await sleep(1000)
    expect(bot.jobs.map(({ candidateSha }) => candidateSha)).not.toContain(pull.headSha)
  })

  test('before the bot reads it: the check says that the commits are gone', async () => {
    bot.github.fail({ path: /\/compare\//, status: 404 })

    const check = await judge({ [MODEL]: goodModel(9) })

    expect(check.conclusion).toBe('failure')
    expect(textOf(check)).toContain('one of them is gone')
    expect(textOf(check)).toContain('Restore the branch')
  })

  test('and its commit with it, before the worker fetches: the check says so', async () => {
    const gone = 'deadbeef'.repeat(5)
    bot.setScript(async (job, context) => ({
      ...(await worker.run({ ...job, candidateSha: gone }, context)),
      candidateSha: job.candidateSha
    }))

    const check = await judge({ [MODEL]: goodModel(10) })

    expect(check.conclusion).toBe('failure')
    expect(textOf(check)).toContain('could not be fetched')
    expect(textOf(check)).toContain('Check that the commit still exists')
  })
})
