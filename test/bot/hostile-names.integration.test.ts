import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest'
import type { CheckRunRecord, PullRequestRecord } from '#test/fakes/github/state.ts'
import { perceptronModel, truncatedModel } from '#test/fixtures/onnx/write-model.ts'
import { findEscaped } from '#test/report/parse-report.ts'
import { node, tensorValue, writeModel } from '#workers/onnx/write-model.ts'
import { type BotHarness, REPOSITORY, startHarness } from './bot-harness.ts'
import { createRealWorker, type RealWorker } from './real-worker.ts'

const MODEL =
  'models/``x`` |a| @mona #1 <!-- --> </details> ![i](https:/evil.example) ~~s~~ $x$ &lt; \u202Exnno.\u202C \u200Bé.onnx'
const INPUT = '@mona `x` | <!-- <img src=x> \u202Egnp.exe [l](javascript:1) https://evil.example'
// biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell would run is the point
const BASE = '$(touch${IFS}owned)/`id`/"q"/\'s\'/@mona/<!--/|\u202Eb'
const CONFIG = `version: 1
models:
  vad: { path: ${JSON.stringify(MODEL)} }
scenarios: { single_stream: {} }
measuring: { round_seconds: 0.2, warm_up_seconds: 0, warm_up_requests: 1, max_rounds: 9, request_timeout_seconds: 5 }
`

let bot: BotHarness
let worker: RealWorker

beforeAll(async () => {
  bot = await startHarness()
  worker = await createRealWorker(bot)
  bot.setScript(worker.run)
  await bot.github.commit(REPOSITORY, 'main', {
    files: { '.github/tailgate.yml': CONFIG, [MODEL]: perceptronModel({ rows: 1, width: 16, layers: 1 }) }
  })
  await bot.github.commit(REPOSITORY, BASE, { files: { 'README.md': '# a base\n' }, from: 'main' })
})
afterEach(async () => {
  expect(bot.github.violations).toEqual([])
  await vi.waitFor(async () => expect(await worker.leftovers()).toEqual([]), { timeout: 10_000 })
})
afterAll(async () => {
  await bot.stop()
  await worker.remove()
})

/** Everything in the check and the comment that is not inert, in words. */
async function findLoose(check: CheckRunRecord, pull: PullRequestRecord): Promise<readonly string[]> {
  const comment = await vi.waitFor(() => {
    const [first] = bot.github.comments(REPOSITORY, pull.number)
    if (first === undefined) throw new Error('There is no comment yet.')
    return first.body
  })
  const texts = [check.summary, check.text, comment].map((text) =>
    (text ?? '').replaceAll(bot.github.url, 'https://github.com')
  )
  return texts.flatMap(findEscaped)
}

/** A model whose first inference fails, with a message that names its input. */
function modelWithHostileInput(): Uint8Array {
  return writeModel({
    nodes: [node({ type: 'Gather', name: INPUT, inputs: ['table', INPUT], outputs: ['y'] })],
    inputs: [tensorValue('table', 'float32', [2]), tensorValue(INPUT, 'int64', [1])],
    outputs: [tensorValue('y', 'float32', [1])]
  })
}

test.each([
  ['a model that is measured', perceptronModel({ rows: 1, width: 16, layers: 1, seed: 2 }), '| p50 |'],
  ['a model that cannot be read', truncatedModel(), 'cannot be read'],
  ['a model that is gone', null, 'missing']
])('%s: its path stays text', async (_name, content, word) => {
  const pull = await bot.openPull({ [MODEL]: content })

  const check = await bot.concluded(pull.headSha)

  expect(check.summary).toContain(word)
  expect(await findLoose(check, pull)).toEqual([])
})

test('the names inside a model stay text', async () => {
  const config = CONFIG.replace(' }\nscenarios', `, inputs: { values: { ${JSON.stringify(INPUT)}: 7 } } }\nscenarios`)
  const pull = await bot.openPull({ [MODEL]: modelWithHostileInput(), '.github/tailgate.yml': config })

  const check = await bot.concluded(pull.headSha)

  expect(check.summary).toContain('inference failed')
  expect(`${check.summary}${check.text}`).toContain('gnp.exe')
  expect(await findLoose(check, pull)).toEqual([])
})

test('mistakes in the configuration stay text, also in annotations', async () => {
  const pull = await bot.openPull({ '.github/tailgate.yml': CONFIG.replace('models:', `${JSON.stringify(INPUT)}:`) })

  const check = await bot.concluded(pull.headSha)

  expect(check.conclusion).toBe('failure')
  expect(await findLoose(check, pull)).toEqual([])
  expect(check.annotations.length).toBeGreaterThan(0)
  for (const { message } of check.annotations) expect(message).not.toMatch(/[\p{Cc}\p{Cf}]/u)
})

test('branches are never read as commands, options or Markdown', async () => {
  // biome-ignore lint/suspicious/noTemplateCurlyInString: what a shell would run is the point
  const branch = '$(touch${IFS}owned);\'"`id`|@mona'
  const pull = await bot.openPull(
    { [MODEL]: perceptronModel({ rows: 1, width: 16, layers: 1, seed: 3 }) },
    { branch, base: BASE }
  )

  const check = await bot.concluded(pull.headSha)

  expect(check.summary).toContain('| p50 |')
  expect(await findLoose(check, pull)).toEqual([])
})
