import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { BenchmarkResult, type CaseResult } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import { type FakeProgram, playRecording } from '#test/fixtures/device/start-smi.ts'
import { caseSpec, smallJob } from '#test/fixtures/measuring/small-job.ts'
import { perceptronModel } from '#test/fixtures/onnx/write-model.ts'
import { createJobRunner, type JobRunnerOptions } from '#workers/create-job-runner.ts'
import { findDevices } from '#workers/device/find-devices.ts'
import { tryDeviceLock } from '#workers/device/lock-device.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

const MODEL = perceptronModel({ rows: 1, width: 16, layers: 1 })
const ROUNDS = 2
const bubblewrap = await findBubblewrap()

let workRoot = ''
const programs: FakeProgram[] = []

beforeEach(async () => {
  workRoot = await mkdtemp(join(tmpdir(), 'tailgate-watched-'))
})
afterEach(async () => {
  await rm(workRoot, { recursive: true })
  for (const program of programs.splice(0)) await program.remove()
})

interface RunOptions extends Partial<JobRunnerOptions> {
  readonly signal?: AbortSignal
  readonly tell?: (message: string) => void
}

async function run(cases: readonly CaseSpec[], { signal, tell, ...changes }: RunOptions = {}) {
  const runner = createJobRunner({
    workerId: 'test',
    workRoot,
    bubblewrap,
    fetchCommit: async (_job, _sha, directory) => {
      await mkdir(join(directory, 'models'))
      await writeFile(join(directory, 'models/net.onnx'), MODEL)
    },
    ...changes
  })
  const job = smallJob(cases, { looks: [ROUNDS] })
  const options = {
    signal: signal ?? new AbortController().signal,
    reportProgress: ({ message }: { readonly message: string }) => tell?.(message)
  }
  return BenchmarkResult.parse(await runner(job, options))
}

function environmentOf(result: CaseResult | undefined) {
  if (result?.status !== 'measured') throw new Error(JSON.stringify(result))
  return result.environment ?? []
}

const MIB = 1024 ** 2

describe.skipIf(process.platform !== 'linux')('what is told of the machine with each case (only on Linux)', () => {
  test('one reading per round, with what both sides took', async () => {
    const { cases, identity } = await run([caseSpec('net')])

    const environment = environmentOf(cases[0])
    expect(environment.map(({ launch }) => launch)).toEqual([0, 1])
    for (const { reading, resources } of environment) {
      expect(reading.endMs - reading.startMs).toBeGreaterThan(100)
      expect(reading.gpu).toBeNull()
      for (const { peakRssBytes, steadyRssBytes, cpuTimePerInferenceNs } of Object.values(resources)) {
        expect(steadyRssBytes).toBeGreaterThan(30 * MIB)
        expect(peakRssBytes).toBeGreaterThanOrEqual(steadyRssBytes ?? Number.NaN)
        expect(cpuTimePerInferenceNs).toBeGreaterThan(0)
        expect(cpuTimePerInferenceNs).toBeLessThan(10_000_000)
      }
    }
    expect(identity?.engines.baseline.librariesSha256).toMatch(/^[0-9a-f]{64}$/)
    expect(identity?.gpu).toBeNull()
  })

  test('of cold starts the memory that a start takes, and nothing steady', async () => {
    const scenario: ScenarioSpec = { kind: 'cold_start' }

    const { cases } = await run([caseSpec('net', { scenario })])

    const environment = environmentOf(cases[0])
    expect(environment.map(({ launch }) => launch)).toEqual([0, 1])
    for (const { resources } of environment) {
      expect(resources.baseline.peakRssBytes).toBeGreaterThan(30 * MIB)
      expect(resources.candidate).toMatchObject({ steadyRssBytes: null, cpuTimePerInferenceNs: null })
    }
  })
})

/** A GPU that exists for nvidia-smi alone: its jobs get as far as to what they wait for, or are refused for. */
async function pretendGpu(name: Parameters<typeof playRecording>[0]): Promise<string> {
  const program = await playRecording(name)
  programs.push(program)
  return program.path
}

function onCuda(): CaseSpec {
  const spec = caseSpec('net')
  const session = { ...spec.baseline.session, executionProvider: 'cuda' } as const
  return { ...spec, baseline: { ...spec.baseline, session }, candidate: { ...spec.candidate, session } }
}

describe.skipIf(process.platform !== 'linux')('a job on a GPU (locks only on Linux)', () => {
  test('waits while another one measures there, says so, and is cancelled without it', async () => {
    const nvidiaSmi = await pretendGpu('nvidia-smi-580.txt')
    const found = await findDevices(nvidiaSmi)
    const id = found.kind === 'found' ? (found.gpus[0]?.id ?? '') : ''
    const lock = await tryDeviceLock(id, 'job')
    const controller = new AbortController()
    const told: string[] = []
    const tell = (message: string) => {
      told.push(message)
      controller.abort(new Error('enough'))
    }

    const result = await run([onCuda()], { nvidiaSmi, signal: controller.signal, tell })

    if (lock.kind === 'taken') lock.release()
    expect(lock.kind).toBe('taken')
    expect(told[0]).toBe('waiting for another worker on the GPU to end')
    expect(result.failure?.code).toBe('cancelled')
  })

  test('is refused while somebody else computes there, and a case on the processor is measured', async () => {
    const nvidiaSmi = await pretendGpu('nvidia-smi-570.txt')

    const { cases, fingerprint } = await run([onCuda(), { ...caseSpec('net'), id: 'cpu' }], { nvidiaSmi })

    expect(cases[0]).toMatchObject({ status: 'not_measured', failure: { code: 'device_unavailable' } })
    expect(cases[1]).toMatchObject({ status: 'measured' })
    expect(fingerprint.device).toMatch(/^NVIDIA .*, driver 570/)
  })
})
