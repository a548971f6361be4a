import type { Block } from '#contracts/measurements.ts'
import { type RoundStatistics, summariseRounds } from './summarise-rounds.ts'

/** Parts of a launch whose scatter stands for what longer measuring averages out. */
const SEGMENTS = 8
/** Throughput of a segment needs two quads. */
const MIN_QUADS_PER_SEGMENT = 2
/** With fewer the scatter between launches is too uncertain to be split. */
const MIN_LAUNCHES = 6
/** Normal quantile of 95 %, one-sided. */
const Z_95 = 1.645

/** How the scatter of identical code splits up. On the scale of the test. */
export interface LaunchEffect {
  /** Variance of one segment within its launch. */
  readonly withinVariance: number
  /** Variance of what stays the same throughout a launch; zero where the estimate came out negative. */
  readonly launchVariance: number
  /** Upper 95 % limit of it; zero or less where launches agree better than their segments let expect. */
  readonly launchVarianceLimit: number
  /** Whether it can be told from none, at 5 %. */
  readonly isSeen: boolean
}

/**
 * One-way random-effects analysis of variance, launches × segments, as many segments in each: variance between launch means
 * minus what their segments explain, S²₂ − S²₁ / k [KaliberaJones2013, with libkalibera's correction]. How certain it is comes
 * from the ratio F of the two mean squares, whose logarithm is nearly normal [Fisher1924].
 *
 * @param launches one value per segment, the same number of segments in every launch
 * @returns null where it cannot be told: fewer than six launches, fewer than two segments, or no scatter at all
 */
export function estimateLaunchEffect(launches: readonly (readonly number[])[]): LaunchEffect | null {
  const segments = launches[0]?.length ?? 0
  if (launches.length < MIN_LAUNCHES || segments < 2) return null
  const means = launches.map(mean)
  const grandMean = mean(means)
  const withinDf = launches.length * (segments - 1)
  const betweenDf = launches.length - 1
  const withinVariance = sum(launches.map((values, launch) => squares(values, means[launch] ?? 0))) / withinDf
  const varianceOfMeans = squares(means, grandMean) / betweenDf
  if (!(withinVariance > 0)) return null
  const logF = Math.log((segments * varianceOfMeans) / withinVariance) - (1 / withinDf - 1 / betweenDf)
  const reach = Z_95 * Math.sqrt(2 / betweenDf + 2 / withinDf)
  return {
    withinVariance,
    launchVariance: Math.max(0, varianceOfMeans - withinVariance / segments),
    launchVarianceLimit: ((Math.exp(logF + reach) - 1) * withinVariance) / segments,
    isSeen: logF > reach
  }
}

export interface SegmentedLaunches {
  readonly segments: number
  readonly launches: readonly (readonly RoundStatistics[])[]
}

/**
 * Cuts every launch into as many stretches of neighbouring quads, eight where the quads suffice, each with its statistics
 * as if it were a round.
 *
 * @returns null where the shortest launch cannot be cut in two
 */
export function splitIntoSegments(blocks: readonly Block[]): SegmentedLaunches | null {
  const byLaunch = Map.groupBy(blocks, ({ launch }) => launch)
  const launches = [...byLaunch.values()].map((launch) => [...Map.groupBy(launch, ({ quad }) => quad).values()])
  if (launches.length === 0) return null
  const fewestQuads = Math.min(...launches.map((quads) => quads.length))
  const segments = Math.min(SEGMENTS, Math.floor(fewestQuads / MIN_QUADS_PER_SEGMENT))
  if (segments < 2) return null
  return { segments, launches: launches.map((quads) => summariseSegments(quads, segments)) }
}

function summariseSegments(quads: readonly (readonly Block[])[], segments: number): readonly RoundStatistics[] {
  const labelled = quads.flatMap((blocks, index) => {
    const segment = Math.floor((index * segments) / quads.length)
    return blocks.map((block) => ({ ...block, launch: segment }))
  })
  return summariseRounds(labelled)
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}

function mean(values: readonly number[]): number {
  return sum(values) / values.length
}

function squares(values: readonly number[], center: number): number {
  return sum(values.map((value) => (value - center) ** 2))
}
