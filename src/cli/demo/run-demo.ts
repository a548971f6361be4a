import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { GitHubStandIn } from '#test/fakes/github/github-stand-in.ts'
import { startGitHub } from '#test/fakes/github/start-github.ts'
import { UsageError } from '../exit-codes.ts'
import { type DemoBot, startDemoBot } from './demo-bot.ts'
import { baseFiles, type DemoPullRequest, demoPullRequests } from './demo-repository.ts'
import { judgeDemo, writeResults } from './demo-results.ts'
import { createDemoScreen } from './demo-screen.ts'
import { findFreePort } from './find-free-port.ts'
import { waitForChecks } from './wait-for-checks.ts'

const OWNER = 'acme'
const REPOSITORY = { owner: OWNER, name: 'voice' }
const AUTHOR = 'mona'

/** A pull request of the demo with its number on the stand-in. */
export interface OpenedPullRequest extends DemoPullRequest {
  readonly number: number
  readonly headSha: string
}

export interface DemoFlags {
  readonly output: string
  readonly keep: boolean
}

/**
 * Runs the demo from start to end.
 *
 * @returns the exit code: 0 when every pull request got the outcome that it should, else 1.
 */
export async function runDemo(flags: DemoFlags): Promise<number> {
  const output = resolve(flags.output)
  await mkdir(output, { recursive: true })
  const dataDirectory = await mkdtemp(join(tmpdir(), 'tailgate-demo-'))
  const github = await startGitHub()
  const interrupt = new AbortController()
  const stopEarly = () => interrupt.abort(new UsageError('The demo was interrupted.'))
  process.once('SIGINT', stopEarly)
  let bot: DemoBot | null = null
  try {
    const port = await findFreePort()
    const app = github.createApp({ webhookUrl: `http://127.0.0.1:${port}/api/github/webhooks` })
    const logFile = join(output, 'bot.log')
    say(`Starting the bot with its embedded database (log: ${logFile})`)
    bot = await startDemoBot({ ...app, port, githubUrl: github.url, dataDirectory, logFile })
    const opened = await openPullRequests(github)
    const screen = createDemoScreen(opened)
    await waitForChecks(github, REPOSITORY_NAME, opened, screen.update, interrupt.signal).finally(screen.end)
    await writeResults({ github, repository: REPOSITORY_NAME, opened, output, say })
    const exitCode = judgeDemo({ github, repository: REPOSITORY_NAME, opened, say })
    process.removeListener('SIGINT', stopEarly)
    if (flags.keep) await keepRunning(bot.url, github.url)
    return exitCode
  } finally {
    await bot?.stop()
    await github.close()
    await rm(dataDirectory, { recursive: true, force: true })
  }
}

const REPOSITORY_NAME = `${REPOSITORY.owner}/${REPOSITORY.name}`

async function openPullRequests(github: GitHubStandIn): Promise<OpenedPullRequest[]> {
  await github.createRepository({ ...REPOSITORY, private: true, files: baseFiles() })
  github.setPermission(REPOSITORY_NAME, AUTHOR, 'write')
  const opened: OpenedPullRequest[] = []
  for (const pull of demoPullRequests()) {
    const { branch, title, files } = pull
    const headSha = await github.commit(REPOSITORY_NAME, branch, {
      files,
      message: title,
      author: AUTHOR,
      from: 'main'
    })
    const { number } = await github.openPullRequest(REPOSITORY_NAME, {
      title,
      head: branch,
      base: 'main',
      author: AUTHOR
    })
    opened.push({ ...pull, number, headSha })
  }
  await github.deliveriesSettled()
  say(`Opened ${opened.length} pull requests on ${REPOSITORY_NAME}; each arrived at the bot as a signed webhook.\n`)
  return opened
}

async function keepRunning(botUrl: string, githubUrl: string): Promise<void> {
  say(`\nStill running. The bot: ${botUrl}   GitHub's stand-in: ${githubUrl}   Ctrl-C ends both.`)
  await new Promise<void>((done) => {
    process.once('SIGINT', () => done())
    process.once('SIGTERM', () => done())
  })
}

function say(line: string): void {
  process.stdout.write(`${line}\n`)
}
