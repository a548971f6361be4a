import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { BenchmarkJob } from '#contracts/benchmark-job.ts'
import { createJobRunner, type JobRunner } from '#workers/create-job-runner.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { createSourceFetcher } from '#workers/source/create-source-fetcher.ts'
import { fetchCommit } from '#workers/source/fetch-commit.ts'
import type { BotHarness } from './bot-harness.ts'

const SIDE_PROGRAM = 'workers/side/main.ts'

/** The worker as it is, apart from its queue connection: git over HTTP, tokens from the bot, real side processes. */
export interface RealWorker {
  readonly run: JobRunner
  /** The same, but it never asks for a token. */
  readonly runWithoutToken: JobRunner
  /** Files of jobs and side processes that are still there. */
  leftovers(): Promise<readonly string[]>
  remove(): Promise<void>
}

export async function createRealWorker(bot: BotHarness): Promise<RealWorker> {
  const workRoot = await mkdtemp(join(tmpdir(), 'tailgate-real-worker-'))
  const shared = { workerId: 'real', workRoot, bubblewrap: await findBubblewrap() }
  const source = createSourceFetcher({ botUrl: bot.url, workerToken: 'a-worker-token-for-tests-only' })
  return {
    run: createJobRunner({ ...shared, fetchCommit: source.fetchCommit }),
    runWithoutToken: createJobRunner({ ...shared, fetchCommit: fetchAnonymously }),
    leftovers: async () => [...(await readdir(workRoot)), ...(await listSideProcesses(workRoot))],
    remove: () => rm(workRoot, { recursive: true, force: true })
  }
}

function fetchAnonymously(job: BenchmarkJob, sha: string, directory: string, signal: AbortSignal): Promise<void> {
  return fetchCommit({ ...job.repository, token: null, sha, directory, signal, timeoutMs: 60_000 })
}

/** Side processes of this test: those of a checkout in `workRoot`, children of ours, and orphans. */
async function listSideProcesses(workRoot: string): Promise<readonly string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(
    ids.map(async (id) => {
      const commandLine = await readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')
      if (commandLine.includes(workRoot)) return [commandLine]
      if (!commandLine.includes(SIDE_PROGRAM)) return []
      const status = await readFile(`/proc/${id}/status`, 'utf8').catch(() => '')
      const parent = Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1])
      return parent === process.pid || parent === 1 ? [commandLine] : []
    })
  )
  return found.flat()
}
