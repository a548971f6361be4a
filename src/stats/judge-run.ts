import type { MeasuredCase } from '#contracts/measurements.ts'
import { METRIC_FACTS } from '#contracts/metric.ts'
import { asChange } from './as-change.ts'
import type { DecidedMetric } from './decide-metric.ts'
import { type DecidedCase, decideRun } from './decide-run.ts'
import { rulesOf } from './decision-rules.ts'
import { type DisplayedLevel, displayLevels } from './display-levels.ts'
import { estimateNeeded } from './estimate-needed.ts'
import type { JudgeOptions } from './judge-settings.ts'
import type { PerSide } from './paired-sample.ts'
import { collectScenarioFacts, warnOfSaturation } from './scenario-facts.ts'
import { type RoundStatistics, type RoundTerms, summariseRounds } from './summarise-rounds.ts'
import type { CaseComparison, MetricComparison, RunComparison } from './verdict.ts'

/**
 * Judges a whole run from raw measurements. Pure; any input that fits the contract gets an answer.
 *
 * @param measurements all cases of the run at once, because the correction for many tests spans them
 */
export function judgeRun(
  measurements: { readonly cases: readonly (MeasuredCase & RoundTerms)[] },
  options: JudgeOptions = {}
): RunComparison {
  const rounds = measurements.cases.map((measured) => summariseRounds(measured.blocks, measured))
  const cases = measurements.cases.map(({ id, scenario, thresholds }, index) => ({
    id,
    scenario,
    thresholds,
    rounds: rounds[index] ?? []
  }))
  const run = decideRun(cases, options)
  return {
    verdict: run.verdict,
    cases: run.cases.map((decided, index) =>
      presentCase(decided, measurements.cases[index] ?? NOTHING, rounds[index] ?? [], options)
    )
  }
}

const NOTHING: MeasuredCase = { id: 'nothing', blocks: [] }

function presentCase(
  decided: DecidedCase,
  measured: MeasuredCase,
  rounds: readonly RoundStatistics[],
  options: JudgeOptions
): CaseComparison {
  const levelsOf = displayLevels(measured, rounds)
  const facts = collectScenarioFacts(measured)
  const { id, scenario, verdict, reason, requests, errors, warnings } = decided
  return {
    id,
    ...(scenario === undefined ? {} : { scenario }),
    verdict,
    reason,
    metrics: decided.metrics.map((metric) => presentMetric(metric, levelsOf(metric.metric))),
    rounds: decided.rounds,
    requests,
    errors,
    needed: estimateNeeded(decided, rounds, rulesOf(options.design)),
    warnings: facts === null ? warnings : [...warnings, ...warnOfSaturation(facts)],
    ...(facts === null ? {} : { facts })
  }
}

function presentMetric(decided: DecidedMetric, levels: PerSide<DisplayedLevel>): MetricComparison {
  const { metric, assessment, bounds, smallestDetectable } = decided
  const tested = assessment.kind === 'tested' ? assessment.test : null
  return {
    metric,
    unit: METRIC_FACTS[metric].unit,
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

function asInterval(
  metric: DecidedMetric['metric'],
  [low, high]: readonly [number, number]
): readonly [low: number, high: number] {
  const ends = [asChange(metric, low), asChange(metric, high)] as const
  return METRIC_FACTS[metric].better === 'higher' ? [ends[1], ends[0]] : ends
}
