import type { CaseCalibration, MetricCalibration } from '#contracts/calibration.ts'
import type { Block } from '#contracts/measurements.ts'
import type { Metric } from '#contracts/metric.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { assessCase } from './assess-case.ts'
import { detectableChanges } from './calibrate-detectable.ts'
import { countFalseAlarms } from './calibrate-false-alarms.ts'
import { estimateLaunchEffect, type LaunchEffect, splitIntoSegments } from './calibrate-launch-effect.ts'
import { median } from './quantile.ts'
import { toRoundTerms } from './round-terms.ts'
import { type RoundStatistics, summariseRounds } from './summarise-rounds.ts'
import { testMean } from './test-rounds.ts'

/** One case, measured with the same commit on both sides. */
export interface MeasuredIdentity
  extends Pick<CaseCalibration, 'caseId' | 'modelSha256' | 'session' | 'scenario' | 'overheadMs'> {
  readonly blocks: readonly Block[]
}

/** The launch effect is told for those metrics that a short segment can hold. */
const SEGMENT_METRICS = ['p50', 'throughput'] as const
type SegmentMetric = (typeof SEGMENT_METRICS)[number]

/** Shorter rounds have too few requests for the tail, longer ones are not allowed. docs/statistics.md "Measuring" 4. */
const MIN_RECOMMENDED_MS = 1000
const MAX_RECOMMENDED_MS = 600_000
const RECOMMENDED_STEP_MS = 100

/**
 * What the cases of one calibration say about the machine. Give all of them at once: how small a change can be seen depends
 * on how many metrics and cases are tested together. docs/statistics.md "Calibration".
 */
export function calibrateCases(measured: readonly MeasuredIdentity[]): CaseCalibration[] {
  const sampled = measured.map(sampleCase)
  const testCount = sampled.reduce((count, { metrics }) => count + metrics.length, 0)
  return sampled.map((sample) => calibrateCase(sample, testCount))
}

interface CaseSample {
  readonly measured: MeasuredIdentity
  readonly roundMs: number
  readonly metrics: readonly { readonly metric: Metric; readonly slowdowns: readonly number[] }[]
}

/** The metrics that a judge would test, each with its rounds. */
function sampleCase(measured: MeasuredIdentity): CaseSample {
  const rounds = summariseRounds(measured.blocks, toRoundTerms(measured.scenario))
  const { assessments } = assessCase({ id: measured.caseId, scenario: measured.scenario.kind, rounds })
  const tested = assessments.filter(({ kind }) => kind === 'tested').map(({ metric }) => metric)
  const metrics = tested.map((metric) => ({ metric, slowdowns: slowdownsOf(rounds, metric) }))
  return { measured, roundMs: medianRoundMs(measured.blocks), metrics }
}

function slowdownsOf(rounds: readonly RoundStatistics[], metric: Metric): number[] {
  return rounds.flatMap(({ pairedRequests, effects }) => {
    const effect = effects[metric]
    return pairedRequests === 0 || effect === null ? [] : [effect.slowdown]
  })
}

function medianRoundMs(blocks: readonly Block[]): number {
  const wallNs = new Map<number, number>()
  for (const block of blocks) wallNs.set(block.launch, (wallNs.get(block.launch) ?? 0) + block.wallNs)
  return median([...wallNs.values()]) / NS_PER_MS
}

function calibrateCase({ measured, roundMs, metrics }: CaseSample, testCount: number): CaseCalibration {
  const { blocks, ...facts } = measured
  const segmented = splitIntoSegments(blocks)
  const launchEffects = new Map<Metric, LaunchEffect | null>(
    SEGMENT_METRICS.map((metric) => [metric, estimateLaunchEffect(segmentSlowdowns(segmented?.launches ?? [], metric))])
  )
  const cost = { roundMs, overheadMs: measured.overheadMs }
  const calibrated = metrics.map(({ metric, slowdowns }) => ({
    ...calibrateMetric(metric, slowdowns, launchEffects.get(metric) ?? null),
    detectable: detectableChanges(metric, slowdowns, { ...cost, testCount })
  }))
  const segmentMs = roundMs / (segmented?.segments ?? 1)
  const noisiest = calibrated.filter(({ metric }) => launchEffects.has(metric)).sort((a, b) => b.roundSd - a.roundSd)[0]
  const effect = noisiest === undefined ? null : (launchEffects.get(noisiest.metric) ?? null)
  return {
    ...facts,
    roundMs,
    recommendedRoundMs: effect === null ? null : recommendRoundMs(effect, segmentMs, measured.overheadMs),
    metrics: calibrated
  }
}

/** Launches in which every segment says something. */
function segmentSlowdowns(launches: readonly (readonly RoundStatistics[])[], metric: SegmentMetric): number[][] {
  return launches
    .map((segments) => slowdownsOf(segments, metric))
    .filter((slowdowns, launch) => slowdowns.length === launches[launch]?.length)
}

function calibrateMetric(
  metric: Metric,
  slowdowns: readonly number[],
  launchEffect: LaunchEffect | null
): Omit<MetricCalibration, 'detectable'> {
  const test = testMean(slowdowns)
  return {
    metric,
    rounds: slowdowns.length,
    bias: test.estimate,
    biasPValue: Math.min(1, test.pValue),
    roundSd: standardDeviation(slowdowns),
    launchSd: launchEffect?.isSeen === true ? Math.sqrt(launchEffect.launchVariance) : null,
    ...countFalseAlarms(metric, slowdowns)
  }
}

function standardDeviation(values: readonly number[]): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
}

/**
 * The measuring time per round at which the cost of a given certainty is least: n = √(c_launch / c_inner · T²_inner / T²_launch)
 * repetitions inside a launch [KaliberaJones2013, 3.4]; here a repetition is a segment. A launch effect that cannot be told
 * from none counts with its upper limit, as none at all would ask for endless rounds.
 *
 * @returns milliseconds, both sides together; null where even the upper limit is no launch effect
 */
export function recommendRoundMs(effect: LaunchEffect, segmentMs: number, overheadMs: number): number | null {
  const launchVariance = effect.isSeen ? effect.launchVariance : effect.launchVarianceLimit
  if (launchVariance <= 0) return null
  const segments = Math.sqrt(((overheadMs / segmentMs) * effect.withinVariance) / launchVariance)
  const roundedMs = Math.round((segments * segmentMs) / RECOMMENDED_STEP_MS) * RECOMMENDED_STEP_MS
  return Math.min(MAX_RECOMMENDED_MS, Math.max(MIN_RECOMMENDED_MS, roundedMs))
}
