import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { Queue } from 'bullmq'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { BENCHMARK_QUEUE, type BenchmarkJob } from '#contracts/benchmark-job.ts'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { JobState } from '#contracts/job-state.ts'
import { type BenchmarkQueue, type JobChange, openBenchmarkQueue } from '#queue/benchmark-queue.ts'
import { openBackend, prepareQueue } from '#queue/connection.ts'
import { JobStopped } from '#queue/job-stopped.ts'
import { decodeResult } from '#queue/result-codec.ts'
import { type ProcessContext, type ProcessJob, type QueueServer, serveQueue } from '#queue/serve-queue.ts'
import { cancelledResult, exampleJob, exampleProgress, exampleResult } from './benchmark-examples.ts'
import {
  createPostgresStore,
  createRedisStore,
  hasRedisServer,
  QUIET,
  type QueueStore,
  useRedisStore
} from './queue-stores.ts'

const HOLDER_PROGRAM = new URL('./hold-job.ts', import.meta.url).pathname
const TIMING = { lockMs: 2000, stalledCheckMs: 500, pollMs: 100, stopMs: 500 }

const ownRedis = hasRedisServer()
const redisUrl = process.env.REDIS_URL ?? ''

describe('over Postgres', () => defineContract(createPostgresStore, { canStop: true }))

describe.skipIf(!ownRedis && redisUrl === '')('over Redis (needs redis-server or REDIS_URL)', () => {
  const createStore = ownRedis ? () => createRedisStore('s3cret-pass') : async () => useRedisStore(redisUrl)
  defineContract(createStore, { canStop: ownRedis })
})

/** What the queue promises, whatever it is kept on. */
function defineContract(createStore: () => Promise<QueueStore>, { canStop }: { readonly canStop: boolean }): void {
  let store: QueueStore
  let queue: BenchmarkQueue
  let cleanups: (() => Promise<unknown>)[]

  beforeAll(async () => {
    store = await createStore()
    await prepareQueue(store.connection, QUIET)
    queue = await openBenchmarkQueue({ connection: store.connection, log: QUIET })
  })

  afterAll(async () => {
    await queue?.close()
    await store?.remove()
  })

  beforeEach(async () => {
    cleanups = []
    await withRawQueue((raw) => raw.obliterate({ force: true }))
    await withRawQueue((raw) => raw.resume())
  })

  afterEach(async () => {
    for (const cleanup of cleanups.reverse()) await cleanup()
  })

  async function withRawQueue(work: (raw: Queue) => Promise<unknown>): Promise<void> {
    const backend = await openBackend(store.connection, 'producer', QUIET)
    const raw = new Queue(BENCHMARK_QUEUE, { ...backend.options, skipMetasUpdate: true }, backend.factory)
    raw.on('error', () => undefined)
    try {
      await raw.waitUntilReady()
      await work(raw as unknown as Queue)
    } finally {
      await raw.close()
      await backend.close()
    }
  }

  async function serve(process: ProcessJob, workerId = 'worker-1'): Promise<QueueServer> {
    const server = await serveQueue({ connection: store.connection, workerId, process, log: QUIET, timing: TIMING })
    cleanups.push(() => server.close({ graceMs: 0 }))
    return server
  }

  async function untilState<K extends JobState['kind']>(jobId: string, kind: K): Promise<JobState & { kind: K }> {
    for (;;) {
      const state = await queue.state(jobId)
      if (isOfKind(state, kind)) return state
      await new Promise((resolve) => setTimeout(resolve, 30))
    }
  }

  async function untilResult(jobId: string): Promise<BenchmarkResult> {
    const { encoded } = await untilState(jobId, 'completed')
    const decoded = await decodeResult(encoded, exampleJob(jobId))
    if (decoded.kind === 'invalid') throw new Error(decoded.message)
    return decoded.result
  }

  /** Starts a worker process that takes the next job and never ends it. */
  async function startHolder(): Promise<{ readonly heldJobId: Promise<string>; kill(): Promise<void> }> {
    const child = spawn(process.execPath, [HOLDER_PROGRAM, JSON.stringify(store.connection)], {
      stdio: ['ignore', 'pipe', 'inherit']
    })
    const exited = once(child, 'exit')
    const kill = async (): Promise<void> => {
      child.kill('SIGKILL')
      await exited
    }
    cleanups.push(kill)
    const heldJobId = once(createInterface({ input: child.stdout }), 'line').then(([line]) => String(line))
    return { heldJobId, kill }
  }

  describe('jobs and results', () => {
    test('a job that is added is processed, and its result read back as it was', async () => {
      const job = exampleJob('run-1')
      const seen: BenchmarkJob[] = []
      await queue.add(job, { priority: 1 })
      await serve(async (taken) => {
        seen.push(taken)
        return exampleResult(taken.jobId)
      })

      const result = await untilResult('run-1')

      expect(seen).toEqual([job])
      expect(result).toEqual(exampleResult('run-1'))
    })

    test('a job nobody added is unknown', async () => {
      expect(await queue.state('run-never')).toEqual({ kind: 'unknown' })
    })

    test('adding a job again, also after it is done, changes nothing', async () => {
      let processed = 0
      const job = exampleJob('run-1')
      await Promise.all([queue.add(job, { priority: 1 }), queue.add(job, { priority: 1 })])
      await queue.add({ ...job, runId: 'another' }, { priority: 9 })
      await serve(async ({ jobId, runId }) => {
        processed += 1
        return { ...exampleResult(jobId), workerId: runId }
      })
      await untilState('run-1', 'completed')

      await queue.add(job, { priority: 1 })
      await queue.add(exampleJob('run-2'), { priority: 1 })
      await untilState('run-2', 'completed')

      expect(processed).toBe(2)
      expect(await untilResult('run-1')).toMatchObject({ workerId: 'run-1' })
    })

    test('waiting jobs are taken in the order of their priority', async () => {
      await queue.add(exampleJob('run-low'), { priority: 300 })
      await queue.add(exampleJob('run-high'), { priority: 1 })
      await queue.add(exampleJob('run-mid'), { priority: 20 })
      await queue.add(exampleJob('run-mid-later'), { priority: 20 })
      const states = await Promise.all(['run-high', 'run-mid', 'run-mid-later', 'run-low'].map((id) => queue.state(id)))
      const order: string[] = []
      await serve(async ({ jobId }) => {
        order.push(jobId)
        return exampleResult(jobId)
      })

      await untilState('run-low', 'completed')

      expect(states).toEqual(Array.from({ length: 4 }, () => ({ kind: 'waiting' })))
      expect(order).toEqual(['run-high', 'run-mid', 'run-mid-later', 'run-low'])
    })

    test.each([0, -1, 1.5, 2_097_152, Number.NaN])('refuses priority %d', async (priority) => {
      await expect(queue.add(exampleJob('run-1'), { priority })).rejects.toThrow(
        'is not a whole number from 1 to 2097151'
      )
    })

    test('a result of 200 000 latencies survives', async () => {
      const result = exampleResult('run-big', 200_000)
      await queue.add(exampleJob('run-big'), { priority: 1 })
      await serve(async () => result)

      const read = await untilResult('run-big')

      expect(read).toEqual(result)
    })

    test('text that Postgres cannot store crosses unharmed', async () => {
      const example = exampleJob('run-1')
      const job = { ...example, repository: { ...example.repository, fullName: 'a\0b/c\ud800d' } }
      const seen: string[] = []
      await queue.add(job, { priority: 1 })
      await serve(async ({ jobId, repository }, { reportProgress }) => {
        seen.push(repository.fullName)
        reportProgress({ ...exampleProgress(1), message: 'a\0b' })
        return { ...exampleResult(jobId), workerId: 'w\0\ud800' }
      })

      const result = await untilResult('run-1')

      expect(seen).toEqual(['a\0b/c\ud800d'])
      expect(result.workerId).toBe('w\0\ud800')
    })

    test('a removed job is forgotten, with its result', async () => {
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await serve(async ({ jobId }) => exampleResult(jobId))
      await untilState('run-1', 'completed')

      await queue.remove('run-1')
      await queue.remove('run-never')

      expect(await queue.state('run-1')).toEqual({ kind: 'unknown' })
    })

    test('two workers never take the same job', async () => {
      const taken: string[] = []
      const ids = Array.from({ length: 40 }, (_, i) => `run-${i}-`)
      const process: ProcessJob = async ({ jobId }) => {
        taken.push(jobId)
        return exampleResult(jobId)
      }
      await Promise.all([serve(process, 'worker-1'), serve(process, 'worker-2')])

      await Promise.all(ids.map((id) => queue.add(exampleJob(id), { priority: 1 })))
      await Promise.all(ids.map((id) => untilState(id, 'completed')))

      expect(taken.toSorted()).toEqual(ids.toSorted())
    })

    test('a worker works on one job at a time', async () => {
      let running = 0
      let most = 0
      await serve(async ({ jobId }) => {
        running += 1
        most = Math.max(most, running)
        await new Promise((resolve) => setTimeout(resolve, 50))
        running -= 1
        return exampleResult(jobId)
      })

      for (const id of ['run-a', 'run-b', 'run-c']) await queue.add(exampleJob(id), { priority: 1 })
      for (const id of ['run-a', 'run-b', 'run-c']) await untilState(id, 'completed')

      expect(most).toBe(1)
    })
  })

  describe('progress', () => {
    test('arrives with the state and as a change, between active and completed', async () => {
      const changes: JobChange[] = []
      const stopListening = queue.onChange((change) => changes.push(change))
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
      await serve(async ({ jobId }, { reportProgress }) => {
        reportProgress(exampleProgress(3))
        await mayEnd
        return exampleResult(jobId)
      })
      await queue.add(exampleJob('run-1'), { priority: 1 })
      const states: JobState[] = []
      while (!changes.some(({ kind }) => kind === 'progress')) states.push(await untilState('run-1', 'active'))
      const active = await queue.state('run-1')
      end()
      await untilState('run-1', 'completed')
      while (!changes.some(({ kind }) => kind === 'completed')) await new Promise((resolve) => setTimeout(resolve, 20))
      stopListening()

      expect(active).toEqual({ kind: 'active', progress: exampleProgress(3) })
      expect(changes).toEqual([
        { jobId: 'run-1', kind: 'active', progress: null },
        { jobId: 'run-1', kind: 'progress', progress: exampleProgress(3) },
        { jobId: 'run-1', kind: 'completed', progress: null }
      ])
    })

    test('workers online are counted', async () => {
      const before = await queue.workersOnline()
      const servers = await Promise.all([
        serve(async ({ jobId }) => exampleResult(jobId), 'gpu box 1'),
        serve(async ({ jobId }) => exampleResult(jobId), 'gpu box 2')
      ])
      const during = await queue.workersOnline()
      for (const server of servers) await server.close({ graceMs: 0 })
      while ((await queue.workersOnline()) > 0) await new Promise((resolve) => setTimeout(resolve, 50))

      expect([before, during]).toEqual([0, 2])
    })
  })

  describe('cancelling', () => {
    test('a waiting job is taken out', async () => {
      const taken: string[] = []
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await queue.add(exampleJob('run-2'), { priority: 2 })

      await queue.requestCancel('run-1', 'the pull request was closed')
      await serve(async ({ jobId }) => {
        taken.push(jobId)
        return exampleResult(jobId)
      })
      await untilState('run-2', 'completed')

      expect(await queue.state('run-1')).toEqual({ kind: 'unknown' })
      expect(taken).toEqual(['run-2'])
    })

    test('an active job is told to stop, with the reason, and what it then returns is its result', async () => {
      const reasons: unknown[] = []
      await serve(async ({ jobId }, { signal }) => {
        reasons.push(await untilAborted(signal))
        return cancelledResult(jobId)
      })
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await untilState('run-1', 'active')

      await queue.requestCancel('run-1', 'newer push')
      const result = await untilResult('run-1')

      expect(reasons).toEqual([new JobStopped('cancelled', 'newer push')])
      expect(result.failure?.code).toBe('cancelled')
    })

    test('an active job that throws when told to stop has failed as cancelled', async () => {
      await serve(async (_job, { signal }) => {
        throw await untilAborted(signal)
      })
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await untilState('run-1', 'active')

      await queue.requestCancel('run-1', 'newer push')

      expect(await untilState('run-1', 'failed')).toEqual({ kind: 'failed', reason: 'Cancelled: newer push' })
    })

    test('a job that is done or unknown is left as it is', async () => {
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await serve(async ({ jobId }) => exampleResult(jobId))
      await untilState('run-1', 'completed')

      await queue.requestCancel('run-1', 'too late')
      await queue.requestCancel('run-never', 'too early')

      expect(await untilResult('run-1')).toEqual(exampleResult('run-1'))
      expect(await queue.state('run-never')).toEqual({ kind: 'unknown' })
    })

    test('an active job that vanishes from the queue is told to stop', async () => {
      const reasons: unknown[] = []
      await serve(async ({ jobId }, { signal }) => {
        reasons.push(await untilAborted(signal))
        return cancelledResult(jobId)
      })
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await untilState('run-1', 'active')

      await withRawQueue((raw) => raw.obliterate({ force: true }))
      while (reasons.length === 0) await new Promise((resolve) => setTimeout(resolve, 20))

      expect(reasons).toEqual([new JobStopped('job_removed', 'the job was removed from the queue')])
    })
  })

  describe('failures', () => {
    test('what process throws is the reason, without tokens', async () => {
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await serve(async () => {
        throw new Error('fetching https://x-access-token:ghs_0123456789abcdef0123@github.com/o/r failed\0')
      })

      const { reason } = await untilState('run-1', 'failed')

      expect(reason).toBe('fetching https://[redacted]@github.com/o/r failed\ufffd')
    })

    test.each([
      ['of another job', exampleResult('run-2'), 'jobId: it answers run-2, but run-1 was asked'],
      ['of another version', { ...exampleResult('run-1'), schemaVersion: 2 }, 'schemaVersion: Invalid input'],
      ['that is none', 'fast!', 'Invalid input']
    ])('a result %s is handed on, and refused when it is read', async (_name, result, message) => {
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await serve(async () => result as BenchmarkResult)

      const { encoded } = await untilState('run-1', 'completed')

      expect(await decodeResult(encoded, exampleJob('run-1'))).toEqual({
        kind: 'invalid',
        message: expect.stringContaining(message)
      })
    })

    test('a job that cannot be read fails by the key that is wrong, and the next one is taken', async () => {
      const job = JSON.stringify({ ...exampleJob('run-1'), baselineSha: 'abc' })
      await withRawQueue((raw) => raw.add('benchmark', { job, cancel: null }, { jobId: 'run-1', priority: 1 }))
      await withRawQueue((raw) => raw.add('benchmark', 'nonsense', { jobId: 'run-2', priority: 2 }))
      await queue.add(exampleJob('run-3'), { priority: 3 })
      await serve(async ({ jobId }) => exampleResult(jobId))

      await untilState('run-3', 'completed')

      expect(await queue.state('run-1')).toEqual({
        kind: 'failed',
        reason: 'The job cannot be read: baselineSha: must be a full commit SHA.'
      })
      expect(await queue.state('run-2')).toMatchObject({ kind: 'failed' })
    })
  })

  describe('workers that end', () => {
    test('the job of a killed worker process is done by another worker', async () => {
      const holder = await startHolder()
      await queue.add(exampleJob('run-1'), { priority: 1 })
      const held = await holder.heldJobId
      await holder.kill()

      await serve(async ({ jobId }) => exampleResult(jobId))

      expect(held).toBe('run-1')
      expect(await untilResult('run-1')).toMatchObject({ jobId: 'run-1' })
    })

    test('a job whose worker is killed twice fails, saying so, and is not started again', async () => {
      await queue.add(exampleJob('run-1'), { priority: 1 })
      for (const _kill of [1, 2]) {
        const holder = await startHolder()
        await holder.heldJobId
        await holder.kill()
      }
      let started = 0
      await serve(async ({ jobId }) => {
        started += 1
        return exampleResult(jobId)
      })

      const { reason } = await untilState('run-1', 'failed')

      expect(reason).toContain('The worker stopped answering')
      expect(started).toBe(0)
    })

    test('a worker that closes lets its job end within the grace', async () => {
      const { promise: mayEnd, resolve: end } = Promise.withResolvers<void>()
      const server = await serve(async ({ jobId }) => {
        await mayEnd
        return exampleResult(jobId)
      })
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await queue.add(exampleJob('run-2'), { priority: 2 })
      await untilState('run-1', 'active')

      const closed = server.close({ graceMs: 60_000 })
      end()
      await closed

      expect(await queue.state('run-1')).toMatchObject({ kind: 'completed' })
      expect(await queue.state('run-2')).toEqual({ kind: 'waiting' })
    })

    test.each([
      ['returns a cancelled result', returnCancelled],
      ['throws', throwWhenStopped],
      ['never ends', () => new Promise<BenchmarkResult>(() => undefined)]
    ])('after the grace the job is handed back, when process %s', async (_name, stop) => {
      const server = await serve((_job, context) => stop(context), 'leaving')
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await untilState('run-1', 'active')

      await server.close({ graceMs: 50 })
      const handedBack = await queue.state('run-1')
      await serve(async ({ jobId }) => exampleResult(jobId), 'staying')

      expect(handedBack).toEqual({ kind: 'waiting' })
      expect(await untilResult('run-1')).toMatchObject({ failure: null })
    })
  })

  describe.skipIf(!canStop)('outages of the store (needs a server of our own)', () => {
    test('adding fails at once while the store is away; bot and worker go on when it is back', async () => {
      await serve(async ({ jobId }) => exampleResult(jobId))
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await untilState('run-1', 'completed')

      await store.stop()
      const refused = await Promise.allSettled([
        queue.add(exampleJob('run-2'), { priority: 1 }),
        queue.state('run-1'),
        queue.requestCancel('run-1', 'closed')
      ])
      await store.start()
      const before = await untilAnswering(() => queue.state('run-1'))
      await queue.add(exampleJob('run-2'), { priority: 1 })

      expect(refused.map(({ status }) => status)).toEqual(['rejected', 'rejected', 'rejected'])
      expect(before).toMatchObject({ kind: 'completed' })
      expect(await untilResult('run-2')).toMatchObject({ jobId: 'run-2' })
    })

    test('bot and worker can be closed while the store is away', async () => {
      const bot = await openBenchmarkQueue({ connection: store.connection, log: QUIET })
      const busy = await serve(() => new Promise(() => undefined), 'busy')
      await queue.add(exampleJob('run-1'), { priority: 1 })
      await untilState('run-1', 'active')
      const idle = await serve(async ({ jobId }) => exampleResult(jobId), 'idle')

      await store.stop()
      const closing = Promise.all([bot.close(), idle.close({ graceMs: 0 }), busy.close({ graceMs: 0 })])

      await expect(closing).resolves.toHaveLength(3)
      await store.start()
      expect(await untilAnswering(() => queue.state('run-1'))).toMatchObject({ kind: 'active' })
    })
  })
}

function isOfKind<K extends JobState['kind']>(state: JobState, kind: K): state is JobState & { kind: K } {
  return state.kind === kind
}

function untilAborted(signal: AbortSignal): Promise<unknown> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason))
  })
}

async function returnCancelled({ signal }: ProcessContext): Promise<BenchmarkResult> {
  await untilAborted(signal)
  return cancelledResult('run-1')
}

async function throwWhenStopped({ signal }: ProcessContext): Promise<BenchmarkResult> {
  throw await untilAborted(signal)
}

async function untilAnswering<T>(ask: () => Promise<T>): Promise<T> {
  for (;;) {
    const answer = await ask().then(
      (value) => ({ value }),
      () => null
    )
    if (answer !== null) return answer.value
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}
