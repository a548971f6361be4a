/**
 * A stateful stand-in for GitHub, for tests and the demo: an HTTP server on loopback that speaks as a GitHub Enterprise
 * Server (REST under /api/v3, GraphQL under /api/graphql, git under /{owner}/{repo}.git), with real bare repositories
 * behind it and real signed webhook deliveries. Requests, answers and webhook payloads are checked against GitHub's own
 * OpenAPI description; what of ours does not match it is in `violations`, and tests assert that this is empty.
 *
 * Knowingly not modelled:
 * - Issues that are no pull requests, reviews, labels, commit statuses, rulesets and required checks.
 * - People's own API access: only apps and their installations have credentials. Pushing over HTTP is refused.
 * - `check_suite` requested and completed, and every event that no method below causes.
 * - Check suites as resources, check run images, and GitHub's own `stale` after 14 days.
 * - Whether an omitted `output.title` or `output.text` of a PATCH is kept (assumed: kept).
 * - Secondary rate limits (inject them with `fail`), conditional requests (ETag, 304), redirects after a rename.
 * - `patch` in file lists, content of submodules, following symbolic links in `contents`, git LFS objects.
 * - GraphQL beyond `minimizeComment`; both fields of `minimizedComment` always come back.
 * - GitHub lets an installed app read a public repository beyond its permissions; here the permissions always count.
 * - A pull request's `base.sha` moves on open, push, reopen and change of base only. GitHub's lags too, by its own rules.
 * - Organization roles, teams and outside collaborators: one role per person and repository.
 * - Numbers that only GitHub knows: stars, sizes, durations.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { loadApiContract, type Violation } from './api-contract.ts'
import { createDeliveryQueue } from './delivery-queue.ts'
import { emitEvent, emitInstallation } from './emit-event.ts'
import { createFaults } from './faults.ts'
import { createStandIn, type GitHubStandIn } from './github-stand-in.ts'
import { handleRequest } from './handle-request.ts'
import { createAppOperations } from './operations/app-operations.ts'
import { checkRunOperations } from './operations/check-run-operations.ts'
import { commentOperations } from './operations/comment-operations.ts'
import { contentOperations } from './operations/content-operations.ts'
import { pullRequestOperations } from './operations/pull-request-operations.ts'
import { repositoryOperations } from './operations/repository-operations.ts'
import { createRateLimits } from './rate-limits.ts'
import type { RequestRecord } from './request-log.ts'
import { createState } from './state.ts'
import type { World } from './world.ts'

export interface GitHubOptions {
  /** Answer 500 where an answer of the stand-in breaks GitHub's contract; default true. */
  readonly strict?: boolean
  readonly now?: () => Date
  /** Requests per hour and installation; default 5,000. */
  readonly rateLimit?: number
  /** How long a webhook receiver may take; GitHub gives 10 s. */
  readonly webhookTimeoutMs?: number
}

/** Starts the stand-in on a free port of 127.0.0.1, with no apps and no repositories. Close it to free both. */
export async function startGitHub(options: GitHubOptions = {}): Promise<GitHubStandIn> {
  const now = options.now ?? (() => new Date())
  const [contract, folder] = await Promise.all([loadApiContract(), mkdtemp(join(tmpdir(), 'tailgate-github-'))])
  const state = createState()
  const faults = createFaults()
  const requests: RequestRecord[] = []
  const violations: Violation[] = []
  const queue = createDeliveryQueue({ now, nextId: state.nextId, timeoutMs: options.webhookTimeoutMs ?? 10_000 })
  const report = (violation: Violation): void => void violations.push(violation)
  const sink = { queue, contract, report }

  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new Error('The GitHub stand-in got no port')
  const origin = `http://127.0.0.1:${address.port}`

  const world: World = {
    state,
    origin,
    apiUrl: `${origin}/api/v3`,
    folder,
    now,
    emit: (event) => emitEvent(world, sink, event),
    emitInstallation: (installation, action) => emitInstallation(world, sink, installation, action)
  }
  const deps = {
    world,
    contract,
    faults,
    report,
    operations: {
      ...createAppOperations(queue),
      ...repositoryOperations,
      ...contentOperations,
      ...pullRequestOperations,
      ...checkRunOperations,
      ...commentOperations
    },
    rateLimits: createRateLimits({ now, limit: options.rateLimit ?? 5000 }),
    record: (request: RequestRecord): void => void requests.push(request),
    isStrict: options.strict ?? true
  }
  server.on('request', (incoming, outgoing) => void handleRequest(deps, incoming, outgoing))

  async function close(): Promise<void> {
    faults.close()
    await queue.close()
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await removeFolder(folder)
  }
  return createStandIn({ world, queue, faults, requests, violations, close })
}

/** A git that was just killed may still write for a moment. */
async function removeFolder(folder: string): Promise<void> {
  await sleep(0)
  await rm(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 })
}
