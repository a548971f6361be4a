import { SIDES } from '#contracts/identifiers.ts'
import type { Block, MeasuredCase } from '#contracts/measurements.ts'
import type { RunComparison } from './verdict.ts'

/** Clocks of two processes may disagree by this much about the same block. */
const CLOCK_TOLERANCE = 1.01

const NOWHERE = { launch: -1, quad: -1 }

export interface Disorder {
  /** Position in the list of blocks, from 0. */
  readonly blockIndex: number
  /** A sentence without its end. */
  readonly problem: string
}

/**
 * The first block that stands where it cannot have been measured: its launch or quad had ended already. Judging such a
 * list would merge different launches into one, and the launch is the statistical unit.
 */
export function findDisorder(blocks: readonly Block[]): Disorder | null {
  const launches = new Set<number>()
  const quads = new Set<number>()
  let current: number | null = null
  for (let blockIndex = 0; blockIndex < blocks.length; blockIndex = endOfQuad(blocks, blockIndex)) {
    const { launch, quad } = blocks[blockIndex] ?? NOWHERE
    if (launch !== current) {
      if (launches.has(launch)) return { blockIndex, problem: `launch ${launch} goes on after another launch began` }
      launches.add(launch)
      quads.clear()
      current = launch
    }
    if (quads.has(quad)) {
      return { blockIndex, problem: `quad ${quad} of launch ${launch} goes on after another quad began` }
    }
    quads.add(quad)
  }
  return null
}

/** Where the neighbours end that belong to the quad of the block at `start`; the end exclusive. */
function endOfQuad(blocks: readonly Block[], start: number): number {
  const { launch, quad } = blocks[start] ?? NOWHERE
  let end = start + 1
  while (blocks[end]?.launch === launch && blocks[end]?.quad === quad) end += 1
  return end
}

/** The comparison, each of its cases with the warnings about how its blocks were recorded. */
export function addRecordingWarnings(comparison: RunComparison, cases: readonly MeasuredCase[]): RunComparison {
  const withWarnings = comparison.cases.map((item, index) => {
    const warnings = describeIrregularities(cases[index]?.blocks ?? [])
    return warnings.length === 0 ? item : { ...item, warnings: [...item.warnings, ...warnings] }
  })
  return { ...comparison, cases: withWarnings }
}

/** What is unusual about blocks that can still be judged; sentences. Blocks are in order ({@link findDisorder}). */
export function describeIrregularities(blocks: readonly Block[]): readonly string[] {
  return [...describeMissingSide(blocks), ...describeUnbalanced(blocks), ...describeOverlap(blocks)]
}

function describeMissingSide(blocks: readonly Block[]): readonly string[] {
  if (blocks.length === 0) return ['Nothing was recorded: there are no blocks.']
  const missing = SIDES.filter((side) => blocks.every((block) => block.side !== side))
  return missing.map((side) => `Only one side was recorded: there are no blocks of the ${side}.`)
}

/** Quads of both sides in which drift does not cancel, such as one that was cut short. */
function describeUnbalanced(blocks: readonly Block[]): readonly string[] {
  let quads = 0
  let unbalanced = 0
  let first = NOWHERE
  for (let start = 0; start < blocks.length; start = endOfQuad(blocks, start)) {
    quads += 1
    if (!isUnbalanced(blocks, start, endOfQuad(blocks, start))) continue
    unbalanced += 1
    if (unbalanced === 1) first = blocks[start] ?? NOWHERE
  }
  if (unbalanced === 0) return []
  return [
    `${unbalanced} of ${quads} quads (first: launch ${first.launch}, quad ${first.quad}) are not two blocks of each side in the order ABBA or BAAB. They were used; drift inside them does not cancel.`
  ]
}

function isUnbalanced(blocks: readonly Block[], start: number, end: number): boolean {
  const side = (offset: number) => blocks[start + offset]?.side
  const [first, second] = [side(0), side(1)]
  if (end - start === 4 && first !== second && second === side(2) && first === side(3)) return false
  for (let index = start; index < end; index += 1) if (blocks[index]?.side !== first) return true
  return false
}

/** Open-loop requests overlap by nature: they wait for each other. */
function describeOverlap(blocks: readonly Block[]): readonly string[] {
  let overlapping = 0
  let first = ''
  for (const block of blocks) {
    let sumNs = 0
    for (const latencyNs of block.latenciesNs) sumNs += latencyNs
    if (block.load !== undefined || sumNs <= CLOCK_TOLERANCE * block.wallNs) continue
    overlapping += 1
    if (first === '') first = `${block.side}, launch ${block.launch}, quad ${block.quad}`
  }
  if (overlapping === 0) return []
  return [
    `In ${overlapping} of ${blocks.length} blocks (first: ${first}) the latencies add up to more than wallNs: requests overlapped, or different clocks were used. Throughput is 1 / mean latency here, which does not see overlap.`
  ]
}
