import type { CaseEnvironment, RoundEnvironment } from '#contracts/environment.ts'
import { SIDES } from '#contracts/identifiers.ts'
import type { Block } from '#contracts/measurements.ts'
import type { PeakBytes } from '#src/budgets/round-levels.ts'
import { DEFAULT_GATE_LIMITS } from '#src/environment/gate-limits.ts'
import { type CaseEnvironmentOutcome, judgeCaseEnvironment } from '#src/environment/judge-case-environment.ts'
import { judgeReading } from '#src/environment/judge-reading.ts'
import { type CaseResources, summariseResources } from '#src/report/case-resources.ts'
import type { LaunchMemory } from '#stats/summarise-rounds.ts'

/** What the machine was while a case was measured, and what may be judged of it. */
export interface EnvironmentJudgement {
  readonly outcome: CaseEnvironmentOutcome
  /** Without the rounds that must not be judged; launches keep their numbers. */
  readonly blocks: readonly Block[]
  /** Of the rounds that are left. */
  readonly peakBytes: PeakBytes
  readonly memory: readonly LaunchMemory[]
  /** What each side took; null where no round is left. */
  readonly resources: CaseResources | null
}

/**
 * Of two readings of one launch the later counts. A reading of a launch that has no blocks says something only when it is
 * the reason why it has none.
 *
 * @param migEnabled whether the GPU is cut up
 */
export function judgeEnvironment(
  environment: CaseEnvironment,
  blocks: readonly Block[],
  migEnabled: boolean
): EnvironmentJudgement {
  const measured = new Set(blocks.map(({ launch }) => launch))
  const latest = [...new Map(environment.map((round) => [round.launch, round])).values()]
  const judged = latest
    .map(({ launch, reading }) => ({ launch, verdict: judgeReading(reading, migEnabled, DEFAULT_GATE_LIMITS) }))
    .filter(({ launch, verdict }) => verdict.kind !== 'keep' || measured.has(launch))
  const outcome = judgeCaseEnvironment(judged, DEFAULT_GATE_LIMITS)
  const discarded = new Set(outcome.kind === 'refused' ? [] : outcome.discarded.map(({ launch }) => launch))
  const kept = latest.filter(({ launch }) => measured.has(launch) && !discarded.has(launch))
  return {
    outcome,
    blocks: discarded.size === 0 ? blocks : blocks.filter(({ launch }) => !discarded.has(launch)),
    peakBytes: listPeaks(kept),
    memory: kept.flatMap(toLaunchMemory),
    resources: kept.length === 0 ? null : summariseResources(kept)
  }
}

function listPeaks(rounds: readonly RoundEnvironment[]): PeakBytes {
  const [baseline = [], candidate = []] = SIDES.map((side) =>
    rounds.flatMap(({ resources }) => resources[side].peakRssBytes ?? []).filter((bytes) => bytes > 0)
  )
  return { baseline, candidate }
}

function toLaunchMemory({ launch, resources }: RoundEnvironment): LaunchMemory[] {
  const [baselineBytes, candidateBytes] = SIDES.map((side) => resources[side].steadyRssBytes)
  if (baselineBytes == null || candidateBytes == null || baselineBytes === 0 || candidateBytes === 0) return []
  return [{ launch, baselineBytes, candidateBytes }]
}
