import { createHash, randomUUID } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import { type BenchmarkProgress, BenchmarkResult, type CaseResult } from '#contracts/benchmark-result.ts'
import type { WorkerCalibration } from '#contracts/calibration.ts'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import type { Block } from '#contracts/measurements.ts'
import {
  BASELINE_SHA,
  CANDIDATE_SHA,
  caseSpec,
  FINGERPRINT,
  SILERO_INPUTS,
  smallJob
} from '#test/fixtures/measuring/small-job.ts'
import {
  crashingModel,
  endlessModel,
  identityModel,
  lfsPointer,
  perceptronModel,
  pickyModel,
  truncatedModel
} from '#test/fixtures/onnx/write-model.ts'
import { listProcesses } from '#test/fixtures/side/list-processes.ts'
import { type RunJobDeps, runJob } from '#workers/run-job.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'
import { createExternalDataLister } from '#workers/source/create-external-data-lister.ts'

const REPOSITORY = resolve(import.meta.dirname, '../..')
const SIDE_PROGRAM = join(REPOSITORY, 'workers/side/main.ts')
const SILERO = join(REPOSITORY, 'node_modules/@ricky0123/vad-web/dist')
const PERCEPTRON = perceptronModel({ rows: 1, width: 64, layers: 2 })

type Files = Readonly<Record<string, Uint8Array | string>>

const CALIBRATION: WorkerCalibration = {
  status: 'current',
  measuredAt: '2026-01-01T00:00:00.000Z',
  trust: 'trusted',
  problems: [],
  otherModel: true,
  cases: []
}

const bubblewrap = await findBubblewrap()

let workRoot = ''
let marker = ''

beforeEach(async () => {
  workRoot = await mkdtemp(join(tmpdir(), 'tailgate-run-job-'))
  marker = `marker-${randomUUID()}`
})

afterEach(async () => {
  const left = { files: await readdir(workRoot), processes: listProcesses(marker) }
  await rm(workRoot, { recursive: true })
  expect(left).toEqual({ files: [], processes: [] })
})

/** Writes the files of a commit where git would; the same ones for both sides unless the second is given. */
function fetchFiles(baseline: Files, candidate: Files = baseline): RunJobDeps['fetchCommit'] {
  return async (sha, directory) => {
    for (const [path, content] of Object.entries(sha === BASELINE_SHA ? baseline : candidate)) {
      await mkdir(dirname(join(directory, path)), { recursive: true })
      await writeFile(join(directory, path), content)
    }
  }
}

function createDeps(fetchCommit: RunJobDeps['fetchCommit'], changes: Partial<RunJobDeps> = {}): RunJobDeps {
  return {
    fetchCommit,
    externalData: createExternalDataLister({ nodePath: process.execPath, bubblewrap: null }),
    resolveEngine: async () => ({ kind: 'own' }),
    checkSessions: async () => new Map(),
    chooseCores: async () => null,
    sideCommand: () => ({ program: process.execPath, args: [SIDE_PROGRAM, marker], env: {} }),
    fingerprint: () => FINGERPRINT,
    findCalibration: async () => null,
    look: () => ({ kind: 'continue' }),
    now: () => new Date(),
    nowMs: () => performance.now(),
    random: Math.random,
    workRoot,
    workerId: 'worker-1',
    ...changes
  }
}

async function run(
  deps: RunJobDeps,
  job: BenchmarkJob,
  { signal = new AbortController().signal, progress = [] as BenchmarkProgress[] } = {}
): Promise<BenchmarkResult> {
  const result = await runJob(deps, job, { signal, reportProgress: (step) => void progress.push(step) })
  return BenchmarkResult.parse(result)
}

function onlyCase(result: BenchmarkResult): CaseResult {
  const [first] = result.cases
  if (first === undefined || result.cases.length !== 1) throw new Error(`Expected one case: ${JSON.stringify(result)}`)
  return first
}

function quadsOf(blocks: readonly Block[]): string[] {
  const quads = Map.groupBy(blocks, (block) => `${block.launch}/${block.quad}`)
  return [...quads.values()].map((quad) => quad.map(({ side }) => (side === 'baseline' ? 'A' : 'B')).join(''))
}

describe('runJob', () => {
  test('measures a real model against itself in balanced quads, single requests and batches', async () => {
    const model = await readFile(join(SILERO, 'silero_vad_v5.onnx'))
    const single = caseSpec('vad', { inputs: SILERO_INPUTS })
    const offline = caseSpec('vad', { inputs: SILERO_INPUTS, scenario: { kind: 'offline', batchSize: 4 } })
    const progress: BenchmarkProgress[] = []

    const result = await run(createDeps(fetchFiles({ 'models/vad.onnx': model })), smallJob([single, offline]), {
      progress
    })

    expect(result.failure).toBeNull()
    expect(result.cases.map(({ caseId }) => caseId)).toEqual(['vad/default/single_stream', 'vad/default/offline'])
    for (const measured of result.cases) {
      if (measured.status !== 'measured') throw new Error(JSON.stringify(measured))
      expect(measured.stopReason).toBe('max_rounds')
      expect(measured.warnings).toEqual([])
      expect(measured.models.baseline).toEqual(measured.models.candidate)
      expect(measured.models.baseline.bytes).toBe(model.length)
      expect(new Set(measured.blocks.map(({ launch }) => launch))).toEqual(new Set([0, 1]))
      expect(quadsOf(measured.blocks).every((quad) => quad === 'ABBA' || quad === 'BAAB')).toBe(true)
      for (const launch of [0, 1]) {
        const requests = (side: Block['side']) =>
          measured.blocks
            .filter((block) => block.launch === launch && block.side === side)
            .reduce((sum, block) => sum + block.latenciesNs.length, 0)
        expect(requests('baseline')).toBeGreaterThanOrEqual(120)
        expect(requests('baseline')).toBe(requests('candidate'))
      }
    }
    expect(progress.map(({ phase }) => phase)).toEqual(['fetching', 'fetching', 'measuring', 'measuring', 'measuring'])
    expect(progress.at(-1)?.message).toMatch(/^round 2 of at most 2, vad\/default\/\w+: p50 [+-][\d.]+ % so far/)
  })

  test('a look ends the measuring with its reason', async () => {
    const looked: number[] = []
    const deps = createDeps(fetchFiles({ 'models/mlp.onnx': PERCEPTRON }), {
      look: (cases, { roundsDone }) => {
        looked.push(roundsDone, ...cases.map(({ rounds }) => rounds.length))
        return roundsDone === 3 ? { kind: 'stop', reason: 'pass' } : { kind: 'continue' }
      }
    })

    const result = await run(deps, smallJob([caseSpec('mlp')], { looks: [2, 3, 9] }))

    expect(looked).toEqual([2, 2, 3, 3])
    expect(onlyCase(result)).toMatchObject({ status: 'measured', stopReason: 'pass' })
  })

  test('looks up the calibration of what the baseline holds, leaving out what was not measured', async () => {
    const asked: unknown[] = []
    const measured = caseSpec('mlp', { scenario: { kind: 'offline', batchSize: 2 } })
    const other = perceptronModel({ rows: 1, width: 32, layers: 2 })
    const deps = createDeps(fetchFiles({ 'models/mlp.onnx': PERCEPTRON }, { 'models/mlp.onnx': other }), {
      findCalibration: async (...facts) => {
        asked.push(...facts)
        return CALIBRATION
      }
    })

    const result = await run(deps, smallJob([caseSpec('missing'), measured]))

    expect(result.calibration).toEqual(CALIBRATION)
    const modelSha256 = createHash('sha256').update(PERCEPTRON).digest('hex')
    expect(asked).toEqual([
      FINGERPRINT,
      [{ modelSha256, session: measured.baseline.session, scenario: measured.scenario }]
    ])
  })

  test('every element type of the contract can be fed', async () => {
    const types = [
      'float32',
      'float64',
      'float16',
      'int8',
      'uint8',
      'int16',
      'uint16',
      'int32',
      'uint32',
      'int64',
      'uint64',
      'bool'
    ] as const
    const files = Object.fromEntries(types.map((type) => [`models/${type}.onnx`, identityModel(type, ['batch', 3])]))
    const cases = types.map((type) =>
      caseSpec(type, {
        inputs: {
          ...INFERRED_INPUTS,
          dims: { batch: 2 },
          overrides: type === 'bool' ? { x: { value: 1 } } : {},
          seed: 3
        }
      })
    )

    const result = await run(createDeps(fetchFiles(files)), smallJob(cases, { looks: [2], warmUpRequests: 0 }))

    expect(result.cases.filter(({ status }) => status !== 'measured')).toEqual([])
  })

  test.runIf(bubblewrap !== null)('the side processes work in the sandbox, and end there', async () => {
    const files = { 'models/mlp.onnx': PERCEPTRON, 'models/endless.onnx': endlessModel() }
    const deps = createDeps(fetchFiles(files), {
      sideCommand: ({ checkoutDirectory }) => {
        const nodePath = process.execPath
        const command = sideCommand({ nodePath, sideProgram: SIDE_PROGRAM, checkoutDirectory, bubblewrap })
        return { ...command, args: [...command.args, marker] }
      }
    })

    const result = await run(deps, smallJob([caseSpec('endless'), caseSpec('mlp')], { requestTimeoutMs: 500 }))

    expect(result.cases).toMatchObject([
      { status: 'not_measured', failure: { code: 'timed_out' } },
      { status: 'measured' }
    ])
  })

  test('several threads are measured as well, and different inputs on the two sides are pointed out', async () => {
    const threaded = caseSpec('mlp')
    const session = { ...threaded.baseline.session, intraOpNumThreads: 2 }
    const batch = { ...threaded.baseline.inputs, dims: { batch: 2 } }
    const different = {
      ...threaded,
      baseline: { ...threaded.baseline, session },
      candidate: { ...threaded.candidate, session, inputs: batch }
    }

    const result = await run(createDeps(fetchFiles({ 'models/mlp.onnx': PERCEPTRON })), smallJob([different]))

    expect(onlyCase(result)).toMatchObject({
      status: 'measured',
      warnings: [
        'The two sides are fed different inputs: baseline x: float32[1, 1, 64]; candidate x: float32[2, 1, 64].'
      ]
    })
  })
})

describe('a case that cannot be measured', () => {
  test('is reported with its reason, and the other cases go on', async () => {
    const bad: Files = {
      text: 'not a model',
      half: truncatedModel(),
      empty: '',
      pointer: lfsPointer(),
      string: identityModel('string', [1]),
      bfloat16: identityModel('bfloat16', [1]),
      complex64: identityModel('complex64', [1]),
      picky: pickyModel()
    }
    const names = [...Object.keys(bad), 'directory', 'absent']
    const good = { 'models/good.onnx': PERCEPTRON }
    const baseline = { ...good, ...Object.fromEntries(names.map((name) => [`models/${name}.onnx`, PERCEPTRON])) }
    const candidate = {
      ...good,
      ...Object.fromEntries(Object.entries(bad).map(([name, content]) => [`models/${name}.onnx`, content])),
      'models/directory.onnx/file': 'x'
    }
    const job = smallJob([...names, 'good'].map((name) => caseSpec(name)))

    const result = await run(createDeps(fetchFiles(baseline, candidate)), job)

    const failures = Object.fromEntries(
      result.cases.map((outcome, index) => [
        [...names, 'good'][index],
        outcome.status === 'not_measured' ? `${outcome.failure.code}: ${outcome.failure.message}` : outcome.status
      ])
    )
    expect(failures).toEqual({
      text: 'model_unreadable: `models/text.onnx` in the candidate commit is text, not a model.',
      half: 'model_unreadable: ONNX Runtime cannot load `models/half.onnx`: Protobuf parsing failed.',
      empty: 'model_unreadable: `models/empty.onnx` in the candidate commit is an empty file.',
      pointer: expect.stringMatching(/^model_is_lfs_pointer: `models\/pointer.onnx` in the candidate commit/),
      string: expect.stringMatching(/^input_unsupported: .*Input `x` has the element type string/),
      bfloat16: expect.stringMatching(/^input_unsupported: Input `x` of .* has the element type bfloat16/),
      complex64: expect.stringMatching(/^input_unsupported: .* has the element type complex64/),
      picky: expect.stringMatching(
        /^inference_failed: .*The model takes x: float32\[length\]; it was fed x: float32\[1\]/
      ),
      directory: 'model_unreadable: `models/directory.onnx` in the candidate commit is a directory, not a file.',
      absent: 'model_missing: `models/absent.onnx` is not in the candidate commit.',
      good: 'measured'
    })
    for (const outcome of result.cases) {
      if (outcome.status !== 'not_measured') continue
      expect(outcome.failure.side).toBe('candidate')
      expect(outcome.failure.hint).toMatch(/\w/)
      expect(outcome.failure.message).not.toContain(workRoot)
    }
  })

  test('a model that only the baseline lacks is missing there; one that both lack, or that is a pointer, fails on the candidate', async () => {
    const baseline = { 'models/new.txt': '', 'models/swapped.onnx': '' }
    const candidate = { 'models/new.onnx': PERCEPTRON, 'models/pointer.onnx': lfsPointer() }
    const names = ['new', 'nowhere', 'pointer', 'swapped']

    const result = await run(createDeps(fetchFiles(baseline, candidate)), smallJob(names.map((name) => caseSpec(name))))

    expect(result.cases).toMatchObject([
      { failure: { code: 'model_missing', side: 'baseline' } },
      { failure: { code: 'model_missing', side: 'candidate' } },
      {
        failure: { code: 'model_is_lfs_pointer', side: 'candidate', hint: expect.stringContaining('without Git LFS') }
      },
      { failure: { code: 'model_missing', side: 'candidate' } }
    ])
  })

  test.each(['/etc/hostname', '../../outside.onnx'])('a link to %s is not followed', async (target) => {
    await writeFile(join(workRoot, 'outside.onnx'), PERCEPTRON)
    const fetchCommit: RunJobDeps['fetchCommit'] = async (_, directory) => {
      await mkdir(join(directory, 'models'))
      await symlink(
        target === '/etc/hostname' ? target : join(workRoot, 'outside.onnx'),
        join(directory, 'models/a.onnx')
      )
    }

    const result = await run(createDeps(fetchCommit), smallJob([caseSpec('a')]))
    await rm(join(workRoot, 'outside.onnx'))

    expect(onlyCase(result)).toMatchObject({
      failure: {
        code: 'model_unreadable',
        side: 'candidate',
        message: expect.stringMatching(/leads out of the repository/)
      }
    })
  })

  test('a model that never returns is timed out, and the other case is measured', async () => {
    const files = { 'models/endless.onnx': endlessModel(), 'models/good.onnx': PERCEPTRON }

    const result = await run(
      createDeps(fetchFiles(files)),
      smallJob([caseSpec('good'), caseSpec('endless')], { requestTimeoutMs: 500 })
    )

    expect(result.cases).toMatchObject([
      { status: 'measured', blocks: expect.arrayContaining([expect.objectContaining({ launch: 1 })]) },
      { status: 'not_measured', failure: { code: 'timed_out', message: expect.stringMatching(/within 0.5 s/) } }
    ])
  })

  test.runIf(process.arch === 'x64')('a model that crashes its process loses only its own case', async () => {
    const files = { 'models/crash.onnx': crashingModel(), 'models/good.onnx': PERCEPTRON }

    const result = await run(createDeps(fetchFiles(files)), smallJob([caseSpec('crash'), caseSpec('good')]))

    expect(result.cases).toMatchObject([
      { status: 'not_measured', failure: { code: 'process_crashed', message: expect.stringMatching(/SIGFPE/) } },
      { status: 'measured' }
    ])
  })

  test('a case without one whole round is reported as timed out', async () => {
    const deps = createDeps(fetchFiles({ 'models/endless.onnx': endlessModel() }))

    const result = await run(deps, smallJob([caseSpec('endless')], { jobTimeoutMs: 1000 }))

    expect(onlyCase(result)).toMatchObject({ status: 'not_measured', failure: { code: 'timed_out', side: null } })
  })
})

describe('a job that fails as a whole', () => {
  test('a commit that cannot be fetched is named with its side and the advice of the fetcher', async () => {
    const fetchCommit: RunJobDeps['fetchCommit'] = async (sha) => {
      if (sha === CANDIDATE_SHA)
        throw Object.assign(new Error('no such commit'), { code: 'gone', hint: 'Push it again.' })
    }

    const result = await run(createDeps(fetchCommit), smallJob([caseSpec('a')]))

    expect(result.cases).toEqual([])
    expect(result.failure).toEqual({
      code: 'fetch_failed',
      side: 'candidate',
      message: `The candidate commit ${CANDIDATE_SHA} could not be fetched: no such commit`,
      hint: 'Push it again.'
    })
  })

  test('a side process that cannot be started is a failure of the worker', async () => {
    const deps = createDeps(fetchFiles({ 'models/mlp.onnx': PERCEPTRON }), {
      sideCommand: () => ({ program: '/nonexistent/bwrap', args: [], env: {} })
    })

    const result = await run(deps, smallJob([caseSpec('mlp')]))

    expect(result.failure).toMatchObject({ code: 'worker_error', message: expect.stringMatching(/nonexistent\/bwrap/) })
  })

  test.each(['fetching', 'measuring'] as const)('an abort while %s ends the job as cancelled', async (phase) => {
    const controller = new AbortController()
    const writeFiles = fetchFiles({ 'models/mlp.onnx': PERCEPTRON })
    const deps = createDeps(async (sha, directory, signal, needs) => {
      await writeFiles(sha, directory, signal, needs)
      if (phase === 'measuring') return
      setTimeout(() => controller.abort('a newer commit was pushed'), 50)
      await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))))
    })
    const reportProgress = (progress: BenchmarkProgress) => {
      if (progress.roundsDone === 1) setTimeout(() => controller.abort('a newer commit was pushed'), 300)
    }

    const result = await runJob(deps, smallJob([caseSpec('mlp')], { looks: [1000] }), {
      signal: controller.signal,
      reportProgress
    })

    expect(BenchmarkResult.parse(result).cases).toEqual([])
    expect(result.failure?.code).toBe('cancelled')
    expect(result.failure?.message).toBe('The job was cancelled: a newer commit was pushed')
    expect(listProcesses(marker)).toEqual([])
  })

  test('an abort while a model hangs does not wait for the model', async () => {
    const controller = new AbortController()
    const deps = createDeps(fetchFiles({ 'models/endless.onnx': endlessModel() }))
    setTimeout(() => controller.abort(), 1500)

    const result = await run(deps, smallJob([caseSpec('endless')], { requestTimeoutMs: 3_000_000 }), {
      signal: controller.signal
    })

    expect(result.failure?.code).toBe('cancelled')
  })
})
