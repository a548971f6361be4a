import type { MeasuredCase } from '#contracts/measurements.ts'
import { asChange } from './as-change.ts'
import type { DecidedMetric } from './decide-metric.ts'
import { type DecidedCase, decideRun } from './decide-run.ts'
import { rulesOf } from './decision-rules.ts'
import { estimateNeeded } from './estimate-needed.ts'
import type { JudgeOptions } from './judge-settings.ts'
import type { PerSide } from './paired-sample.ts'
import { type PooledSide, poolLatencies } from './pool-latencies.ts'
import { type RoundStatistics, summariseRounds } from './summarise-rounds.ts'
import type { CaseComparison, MetricComparison, RunComparison } from './verdict.ts'

/**
 * Judges a whole run from raw measurements. Pure; any input that fits the contract gets an answer.
 *
 * @param measurements all cases of the run at once, because the correction for many tests spans them
 */
export function judgeRun(
  measurements: { readonly cases: readonly MeasuredCase[] },
  options: JudgeOptions = {}
): RunComparison {
  const rounds = measurements.cases.map(({ blocks }) => summariseRounds(blocks))
  const cases = measurements.cases.map(({ id, thresholds }, index) => ({ id, thresholds, rounds: rounds[index] ?? [] }))
  const run = decideRun(cases, options)
  return {
    verdict: run.verdict,
    cases: run.cases.map((decided, index) =>
      presentCase(decided, measurements.cases[index]?.blocks ?? [], rounds[index] ?? [], options)
    )
  }
}

function presentCase(
  decided: DecidedCase,
  blocks: MeasuredCase['blocks'],
  rounds: readonly RoundStatistics[],
  options: JudgeOptions
): CaseComparison {
  const pooled = { baseline: poolLatencies(blocks, 'baseline'), candidate: poolLatencies(blocks, 'candidate') }
  const { id, verdict, reason, requests, errors, warnings } = decided
  return {
    id,
    verdict,
    reason,
    metrics: decided.metrics.map((metric) => presentMetric(metric, displayedLevels(metric, pooled, rounds))),
    rounds: decided.rounds,
    requests,
    errors,
    needed: estimateNeeded(decided, rounds, rulesOf(options.design)),
    warnings
  }
}

function presentMetric(decided: DecidedMetric, levels: PerSide<DisplayedLevel>): MetricComparison {
  const { metric, assessment, bounds, smallestDetectable } = decided
  const tested = assessment.kind === 'tested' ? assessment.test : null
  return {
    metric,
    unit: unitOf(metric),
    baseline: levels.baseline.level,
    candidate: levels.candidate.level,
    baselineInterval: levels.baseline.interval,
    candidateInterval: levels.candidate.interval,
    relativeChange: tested === null ? null : asChange(metric, tested.estimate),
    interval: bounds === null ? null : asInterval(metric, bounds),
    verdict: decided.verdict,
    reason: decided.reason,
    significant: decided.significant,
    pValue: decided.pValue,
    threshold: decided.threshold,
    smallestDetectableChange: smallestDetectable === null ? null : Math.abs(asChange(metric, smallestDetectable))
  }
}

function unitOf(metric: DecidedMetric['metric']): MetricComparison['unit'] {
  switch (metric) {
    case 'p50':
    case 'p95':
    case 'p99':
      return 'ns'
    case 'throughput':
      return 'requests/s'
    case 'slow_share':
      return 'share'
    default:
      return metric satisfies never
  }
}

function asInterval(
  metric: DecidedMetric['metric'],
  [low, high]: readonly [number, number]
): readonly [low: number, high: number] {
  const ends = [asChange(metric, low), asChange(metric, high)] as const
  return metric === 'throughput' ? [ends[1], ends[0]] : ends
}

interface DisplayedLevel {
  readonly level: number | null
  readonly interval: readonly [low: number, high: number] | null
}

function displayedLevels(
  { metric }: DecidedMetric,
  pooled: PerSide<PooledSide | null>,
  rounds: readonly RoundStatistics[]
): PerSide<DisplayedLevel> {
  if (metric === 'slow_share') return meanSlowShares(rounds)
  return { baseline: pooledLevel(metric, pooled.baseline), candidate: pooledLevel(metric, pooled.candidate) }
}

function pooledLevel(
  metric: Exclude<DecidedMetric['metric'], 'slow_share'>,
  pooled: PooledSide | null
): DisplayedLevel {
  if (pooled === null) return { level: null, interval: null }
  if (metric !== 'throughput') return { level: pooled[metric].levelNs, interval: pooled[metric].intervalNs }
  const isInRange = pooled.throughputPerS > 0 && Number.isFinite(pooled.throughputPerS)
  return { level: isInRange ? pooled.throughputPerS : null, interval: null }
}

/** Slow is relative to the window, so shares are averaged over rounds instead of pooled; so is their difference. */
function meanSlowShares(rounds: readonly RoundStatistics[]): PerSide<DisplayedLevel> {
  const effects = rounds.map((round) => round.effects.slow_share).filter((effect) => effect !== null)
  const meanOf = (side: 'baseline' | 'candidate'): DisplayedLevel => {
    if (effects.length === 0) return { level: null, interval: null }
    return { level: effects.reduce((sum, effect) => sum + effect[side], 0) / effects.length, interval: null }
  }
  return { baseline: meanOf('baseline'), candidate: meanOf('candidate') }
}
