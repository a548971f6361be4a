import type { Side } from '#contracts/identifiers.ts'
import type { Block, SeriesName } from '#contracts/measurements.ts'
import { type LevelInterval, levelInterval } from './level-interval.ts'
import type { PerSide } from './paired-sample.ts'
import { median } from './quantile.ts'

export type StartPhase = 'process' | 'require' | 'create' | 'first'

/** One phase of a cold start: medians of each round, over the rounds. Described, not tested. */
export interface PhaseFacts {
  readonly phase: StartPhase
  /** Nanoseconds, the geometric mean of the rounds. */
  readonly levels: PerSide<number>
  /** Candidate / baseline; null for fewer than two rounds. */
  readonly ratio: LevelInterval | null
  /** Candidate − baseline, nanoseconds: phases can be added up. Null for fewer than two rounds. */
  readonly difference: LevelInterval | null
}

const SERIES: Readonly<Record<StartPhase, SeriesName>> = {
  process: 'processNs',
  require: 'requireNs',
  create: 'createNs',
  first: 'firstNs'
}
const PHASES: readonly StartPhase[] = ['process', 'require', 'create', 'first']

/** The phases in their order; those that were not recorded are missing. */
export function collectColdStart(blocks: readonly Block[]): readonly PhaseFacts[] {
  const launches = [...Map.groupBy(blocks, ({ launch }) => launch).values()]
  return PHASES.flatMap((phase) => {
    const rounds = launches
      .map((ofLaunch) => ({
        baseline: medianOf(ofLaunch, SERIES[phase], 'baseline'),
        candidate: medianOf(ofLaunch, SERIES[phase], 'candidate')
      }))
      .filter(({ baseline, candidate }) => Number.isFinite(baseline + candidate))
    if (rounds.length === 0) return []
    const geometricMean = (side: Side) =>
      Math.exp(rounds.reduce((sum, round) => sum + Math.log(round[side]), 0) / rounds.length)
    return [
      {
        phase,
        levels: { baseline: geometricMean('baseline'), candidate: geometricMean('candidate') },
        ratio: levelInterval(
          rounds.map(({ baseline, candidate }) => candidate / baseline),
          'log'
        ),
        difference: levelInterval(
          rounds.map(({ baseline, candidate }) => candidate - baseline),
          'linear'
        )
      }
    ]
  })
}

function medianOf(blocks: readonly Block[], name: SeriesName, side: Side): number {
  return median(blocks.flatMap((block) => (block.side === side ? (block.series?.[name] ?? []) : [])))
}
