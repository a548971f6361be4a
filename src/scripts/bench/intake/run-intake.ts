import { randomBytes } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { MS_PER_S } from '#contracts/units.ts'
import type { BenchOptions } from '#src/scripts/bench/bench-options.ts'
import { describeMachine } from '#src/scripts/bench/describe-machine.ts'
import { shuffle } from '#workers/measure/measuring-rules.ts'
import { startAbsentGithub } from './absent-github.ts'
import { type Delivery, makeDeliveries } from './make-deliveries.ts'
import { type IntakeFigures, isLossless, renderIntake } from './render-intake.ts'
import { sendDeliveries, type Volley } from './send-deliveries.ts'
import { type Cleanup, startTargets, type Target } from './start-targets.ts'
import { countStored, waitUntilHandled } from './stored-requests.ts'

/** Nine ratios give a 95 % interval that sheds one outlier. */
const ROUNDS = 9
/** Enough for the compiler to have seen every path often. */
const WARM_UP_DELIVERIES = 2000
/** What a bot still does for its last deliveries must not slow the next target. */
const SETTLE_PATIENCE_MS = 1500
/** The sender, the databases and the collectors come to rest. */
const PAUSE_MS = 200

export interface IntakeOutcome {
  readonly report: string
  /** Whether a delivery was answered with success and not stored. */
  readonly lost: boolean
}

/** Measures how fast deliveries are taken, over a bare Probot app, and returns it as Markdown. */
export async function runIntake({ seconds, say }: BenchOptions): Promise<IntakeOutcome> {
  const folder = await mkdtemp(join(tmpdir(), 'tailgate-bench-'))
  const cleanup: Cleanup = [() => rm(folder, { recursive: true, force: true })]
  try {
    const machine = await describeMachine('none')
    const webhookSecret = randomBytes(32).toString('hex')
    const github = await startAbsentGithub()
    cleanup.push(() => github.stop())
    say('intake: starting the bots')
    const { targets, skipped } = await startTargets({ folder, webhookSecret, githubHost: github.host }, cleanup)
    if (skipped !== null) say(`intake: skipping the bot with Redis and Postgres: ${skipped}`)
    const deliveries = await makeDeliveries(webhookSecret)
    const segmentMs = (seconds * MS_PER_S) / (ROUNDS * targets.length)
    const figures = await measureTargets(targets, deliveries, segmentMs, say)
    return { report: renderIntake(figures, { machine, skipped }), lost: !figures.every(isLossless) }
  } finally {
    for (const step of cleanup.reverse()) await step()
  }
}

async function measureTargets(
  targets: readonly Target[],
  deliveries: readonly Delivery[],
  segmentMs: number,
  say: BenchOptions['say']
): Promise<readonly IntakeFigures[]> {
  const sent = new Map(targets.map((target): [Target, { warmUp: Volley; volleys: Volley[] }] => [target, emptyTally()]))
  for (const [target, tally] of sent) {
    say(`intake: warming up (${target.name})`)
    tally.warmUp = await sendDeliveries(target.url, deliveries, WARM_UP_DELIVERIES)
    await settle(target)
  }
  for (let round = 0; round < ROUNDS; round += 1) {
    say(`intake: round ${round + 1} of ${ROUNDS}`)
    for (const [target, { warmUp, volleys }] of shuffle([...sent], Math.random)) {
      const last = volleys.at(-1) ?? warmUp
      const count = Math.ceil((segmentMs * last.latenciesMs.length) / last.elapsedMs)
      volleys.push(await sendDeliveries(target.url, deliveries, count))
      await settle(target)
    }
  }
  const figures: IntakeFigures[] = []
  for (const [{ name, database }, { warmUp, volleys }] of sent) {
    const stored = database === null ? null : await countStored(database)
    figures.push({ name, warmUp, volleys, stored })
  }
  return figures
}

async function settle({ database }: Target): Promise<void> {
  if (database !== null) await waitUntilHandled(database, SETTLE_PATIENCE_MS)
  await sleep(PAUSE_MS)
}

function emptyTally(): { warmUp: Volley; volleys: Volley[] } {
  return { warmUp: { accepted: 0, refused: 0, elapsedMs: 0, latenciesMs: [] }, volleys: [] }
}
