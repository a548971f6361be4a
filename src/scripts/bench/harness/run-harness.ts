import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MS_PER_S } from '#contracts/units.ts'
import type { BenchOptions } from '#src/scripts/bench/bench-options.ts'
import { describeMachine } from '#src/scripts/bench/describe-machine.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { placeBenchModels } from './bench-models.ts'
import { measureHandOver } from './measure-hand-over.ts'
import { type LaunchOverhead, measureLaunch } from './measure-overhead.ts'
import { type HarnessFigures, renderHarness } from './render-harness.ts'

/** The launch is the statistical unit, as in every comparison; nine give a 95 % interval that sheds one outlier. */
const LAUNCHES = 9
/** Part of the measuring time that goes into the hand-over. */
const HAND_OVER_SHARE = 0.2

/** Measures what our side process adds to a bare loop, and returns it as Markdown. */
export async function runHarness({ seconds, say }: BenchOptions): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tailgate-bench-')))
  try {
    const bubblewrap = await findBubblewrap()
    const sandbox = bubblewrap === null ? 'none' : 'bubblewrap'
    const machine = await describeMachine(sandbox)
    const models = await placeBenchModels(folder)
    const place = { models, folder, bubblewrap }
    const modelMs = (seconds * MS_PER_S) / models.length
    const launches: (readonly LaunchOverhead[])[] = []
    for (let launch = 0; launch < LAUNCHES; launch += 1) {
      say(`harness: launch ${launch + 1} of ${LAUNCHES}`)
      const measureMs = ((1 - HAND_OVER_SHARE) * modelMs) / LAUNCHES
      launches.push(await measureLaunch({ place, measureMs, random: Math.random }))
    }
    say('harness: hand-over')
    const roundMs = Math.max(100, Math.round(HAND_OVER_SHARE * modelMs))
    const handOvers = await measureHandOver({ place, roundMs, random: Math.random })
    const figures = models.flatMap(({ name }, index): HarnessFigures[] => {
      const handOver = handOvers[index]
      const ofModel = launches.flatMap((launch) => launch[index] ?? [])
      return handOver === undefined ? [] : [{ name, launches: ofModel, handOver }]
    })
    return renderHarness(figures, { machine, sandbox })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
