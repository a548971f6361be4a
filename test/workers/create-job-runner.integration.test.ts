import { mkdir, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BenchmarkResult } from '#contracts/benchmark-result.ts'
import { caseSpec, smallJob } from '#test/fixtures/measuring/small-job.ts'
import { perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import { createJobRunner, type JobRunnerOptions } from '#workers/create-job-runner.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

const MODEL = perceptronModel({ rows: 1, width: 16, layers: 1 })
const bubblewrap = await findBubblewrap()
const skipNote = bubblewrap === null ? ' (skipped: bubblewrap cannot be used here)' : ''

let workRoot = ''

beforeEach(async () => {
  workRoot = await realpath(await mkdtemp(join(tmpdir(), 'tailgate-runner-')))
})

afterEach(async () => {
  const left = await readdir(workRoot)
  await rm(workRoot, { recursive: true })
  expect(left).toEqual([])
})

/** Files of the code cache, which is in the one folder of the job that holds no checkout. */
async function listCacheFiles(): Promise<readonly string[]> {
  const names = await readdir(workRoot, { recursive: true })
  const paths = names.filter((name) => !/(?:baseline|candidate)-/.test(name)).map((name) => join(workRoot, name))
  const files = await Promise.all(paths.map(async (path) => ((await stat(path)).isFile() ? [path] : [])))
  return files.flat()
}

/** Measures a small model; `meddle` is called with the files of the cache before the first side starts. */
async function run(
  meddle: (cacheFiles: readonly string[]) => Promise<void>,
  changes: Partial<JobRunnerOptions> = {},
  signal = new AbortController().signal
): Promise<BenchmarkResult> {
  const runner = createJobRunner({
    workerId: 'worker-1',
    workRoot,
    bubblewrap: null,
    fetchCommit: async (_job, _sha, directory) => {
      await mkdir(join(directory, 'models'))
      await writeFile(join(directory, 'models/net.onnx'), MODEL)
      await meddle(await listCacheFiles())
    },
    ...changes
  })
  const result = await runner(smallJob([caseSpec('net')]), { signal, reportProgress: () => undefined })
  return BenchmarkResult.parse(result)
}

const MEASURED = { failure: null, cases: [{ status: 'measured' }] }

describe.each<[string, string | null]>([
  ['without a sandbox', null],
  ...(bubblewrap === null ? [] : [['in bubblewrap', bubblewrap] satisfies [string, string]])
])('a code cache that breaks never fails a job: %s', (_name, sandbox) => {
  test('one that works is filled before anything is fetched', async () => {
    const counts: number[] = []

    const result = await run(async (files) => void counts.push(files.length), { bubblewrap: sandbox })

    expect(result).toMatchObject(MEASURED)
    expect(Math.min(...counts)).toBeGreaterThan(5)
  })

  test('its files are damaged', async () => {
    const result = await run(
      async (files) => {
        for (const [index, file] of files.entries()) await writeFile(file, 'damaged '.repeat(index))
      },
      { bubblewrap: sandbox }
    )

    expect(result).toMatchObject(MEASURED)
  })

  test('somebody removed it', async () => {
    const result = await run(
      async (files) => {
        const folders = new Set(
          files.map((file) => join(workRoot, file.slice(workRoot.length + 1).split('/')[0] ?? ''))
        )
        for (const folder of folders) await rm(folder, { recursive: true })
      },
      { bubblewrap: sandbox }
    )

    expect(result).toMatchObject(MEASURED)
  })
})

describe.skipIf(bubblewrap === null)(`a code cache that cannot be filled${skipNote}`, () => {
  test('costs time and nothing else', async () => {
    const refusing = join(await mkdtemp(join(tmpdir(), 'tailgate-refusing-')), 'bwrap')
    // Only the filling process may write to a folder outside.
    const script = `#!/bin/sh\nfor word; do [ "$word" = --bind ] && exit 1; done\nexec ${bubblewrap} "$@"\n`
    await writeFile(refusing, script, { mode: 0o755 })
    const counts: number[] = []

    const result = await run(async (files) => void counts.push(files.length), { bubblewrap: refusing })

    expect(result).toMatchObject(MEASURED)
    expect(Math.max(...counts)).toBe(0)
    await rm(join(refusing, '..'), { recursive: true })
  })
})

test('a job that was cancelled already fills no cache', async () => {
  const result = await run(async () => undefined, {}, AbortSignal.abort(new Error('not wanted')))

  expect(result).toMatchObject({ cases: [], failure: { code: 'cancelled' } })
})
