import type { Block, MeasuredCase } from '#contracts/measurements.ts'
import { DEFAULT_SCENARIO } from '#contracts/metric.ts'
import { compareClosedLoop } from './compare-closed-loop.ts'
import { compareColdStart } from './compare-cold-start.ts'
import { compareGenerate } from './compare-generate.ts'
import { compareOpenLoop, compareTypicalLatency } from './compare-open-loop.ts'
import { compareSoak } from './compare-soak.ts'
import { measureSlope } from './compare-windows.ts'
import { countRequests, dropLateQuads } from './drop-late-quads.ts'
import { pairSegments } from './pair-segments.ts'
import { type PairedSample, type PerSide, pairQuads } from './paired-sample.ts'
import { compareSustainedRates } from './ramp-points.ts'
import { NO_EFFECTS, type RoundEffect, type RoundEffects, ratioEffect, usable } from './round-effect.ts'

/** What the blocks of a case belong to; a closed loop where nothing is said. */
export interface RoundTerms extends Pick<MeasuredCase, 'scenario' | 'slo' | 'goodput'> {
  /** Of a soak: memory by launch, where the blocks have no readings of their own. */
  readonly memory?: readonly LaunchMemory[]
}

/** Resident memory of both side processes in one launch. */
export interface LaunchMemory {
  readonly launch: number
  readonly baselineBytes: number
  readonly candidateBytes: number
}

/** What one launch says, small enough to keep between looks. A pure function of its blocks. */
export interface RoundStatistics {
  readonly launch: number
  /** Measuring time of both sides together, without restart and warm-up. */
  readonly wallNs: number
  /** Successful requests. */
  readonly requests: PerSide<number>
  /** Failed requests. */
  readonly errors: PerSide<number>
  readonly quads: number
  /** Quads left out because one side has no successful request in them. */
  readonly unpairedQuads: number
  /** Quads left out because the harness was late. Of them only the time and what became of the requests counts. */
  readonly lateQuads: number
  /** Successful requests in paired quads, of the side that has fewer. Zero: the round is dropped. */
  readonly pairedRequests: number
  /** How far the p50 log ratio moves from the start of the round to its end; null where that cannot be told. */
  readonly slope: number | null
  readonly effects: RoundEffects
}

/**
 * The statistics of every launch in the blocks, in order of first appearance. docs/statistics.md "Per round and metric".
 *
 * @param terms of the case that the blocks belong to; `toRoundTerms` has them from a scenario
 */
export function summariseRounds(blocks: readonly Block[], terms: RoundTerms = {}): RoundStatistics[] {
  const byLaunch = new Map<number, Block[]>()
  for (const block of blocks) {
    const launch = byLaunch.get(block.launch)
    if (launch === undefined) byLaunch.set(block.launch, [block])
    else launch.push(block)
  }
  return [...byLaunch].map(([launch, blocksOfLaunch]) => summariseRound(launch, blocksOfLaunch, terms))
}

function summariseRound(launch: number, allBlocks: readonly Block[], terms: RoundTerms): RoundStatistics {
  const punctual = dropLateQuads(allBlocks)
  const { blocks, lateQuads } = punctual
  const sample = pairQuads(blocks)
  const baseline = countRequests(punctual, 'baseline')
  const candidate = countRequests(punctual, 'candidate')
  return {
    launch,
    wallNs: allBlocks.reduce((sum, block) => sum + block.wallNs, 0),
    requests: { baseline: baseline.answered, candidate: candidate.answered },
    errors: { baseline: baseline.failed, candidate: candidate.failed },
    quads: sample.quads.length,
    unpairedQuads: sample.unpairedQuads,
    lateQuads,
    pairedRequests: Math.min(sample.requests.baseline, sample.requests.candidate),
    ...compareRound(blocks, sample, terms)
  }
}

type Compared = Pick<RoundStatistics, 'slope' | 'effects'>

function compareRound(blocks: readonly Block[], sample: PairedSample, terms: RoundTerms): Compared {
  const scenario = terms.scenario ?? DEFAULT_SCENARIO
  switch (scenario) {
    case 'single_stream':
    case 'multi_stream':
    case 'offline': {
      const slope = measureSlope(sample.quads)?.ratio ?? null
      return { slope, effects: { ...NO_EFFECTS, ...compareClosedLoop(sample.quads) } }
    }
    case 'soak': {
      const drift = compareSoak(blocks, measureSlope(sample.quads))
      const memory = drift.memory ?? compareMemory(blocks, terms)
      return withoutSlope({ ...compareClosedLoop(sample.quads), ...drift, memory })
    }
    case 'server':
    case 'burst':
      return withoutSlope(compareOpenLoop(pairSegments(blocks)))
    case 'ramp':
      return withoutSlope(compareRamp(blocks, terms))
    case 'cold_start':
      return withoutSlope(compareColdStart(blocks))
    case 'generate':
      return withoutSlope(compareGenerate(blocks, terms.goodput))
    default:
      return scenario satisfies never
  }
}

/** docs/statistics.md "Per scenario" says why nothing but a closed loop is tested for steadiness. */
function withoutSlope(effects: Partial<RoundEffects>): Compared {
  return { slope: null, effects: { ...NO_EFFECTS, ...effects } }
}

function compareMemory(blocks: readonly Block[], { memory = [] }: RoundTerms): RoundEffect | null {
  const found = memory.find(({ launch }) => launch === blocks[0]?.launch)
  return found === undefined ? null : usable(ratioEffect(found.baselineBytes, found.candidateBytes))
}

function compareRamp(blocks: readonly Block[], { slo }: RoundTerms): Partial<RoundEffects> {
  const lowest = blocks.reduce(
    (least, { load }) => Math.min(least, load?.offeredPerS ?? least),
    Number.POSITIVE_INFINITY
  )
  const atLowest = pairSegments(blocks.filter(({ load }) => load?.offeredPerS === lowest))
  return {
    sustained_rate: slo === undefined ? null : compareSustainedRates(blocks, slo),
    p50: compareTypicalLatency(atLowest)
  }
}
