import { criteriaOf } from '#contracts/output-criteria.ts'
import {
  type ComparedOutput,
  type EquivalencePolicy,
  NOISE_FACTOR,
  type OutputCriteria,
  type OutputNoise
} from '#contracts/outputs.ts'
import type { OutputReason } from './output-judgement.ts'

/** Rounding must not put a number on the other side of a limit that it meets. */
const ROUNDING = 1e-12

/** Everything about one output that the policy does not allow. */
export function findOutputReasons(policy: EquivalencePolicy, output: ComparedOutput): readonly OutputReason[] {
  const criteria = criteriaOf(policy, output.name, output.types)
  const found = [
    shapeReason(output),
    typeReason(output),
    policy.nanInf === 'fail' ? finiteReason(output) : null,
    elementsReason(output, criteria),
    cosineReason(output, criteria),
    top1Reason(output, criteria)
  ]
  return found.filter((reason) => reason !== null)
}

function shapeReason({ name, shapes, shapesDiffer }: ComparedOutput): OutputReason | null {
  return shapesDiffer === null ? null : { kind: 'shape_differs', output: name, shapes, ...shapesDiffer }
}

function typeReason({ name, types }: ComparedOutput): OutputReason | null {
  return types.baseline === types.candidate ? null : { kind: 'type_differs', output: name, types }
}

function finiteReason({ name, statistics, worst, noise }: ComparedOutput): OutputReason | null {
  // Where the baseline itself has a NaN at one time and none at another, it is an element that varies like others.
  if (statistics.newNonFinite === 0 || (noise?.statistics.newNonFinite ?? 0) > 0) return null
  const { newNonFinite: elements, elements: ofElements } = statistics
  return { kind: 'not_finite', output: name, elements, ofElements, worst }
}

function elementsReason(output: ComparedOutput, { maxMismatchShare }: OutputCriteria): OutputReason | null {
  const { name, statistics, worst, tolerance, noise } = output
  const { elements, mismatched, maxAbsError } = statistics
  const allowedShare = Math.max(maxMismatchShare, noise?.allowedShare ?? 0)
  if (mismatched === 0 || !isBelow(allowedShare, mismatched / elements)) return null
  const toleranceFactor = noise?.toleranceFactor ?? 1
  const baselineVaries = noise === null ? null : variesVisibly(noise)
  return {
    kind: 'elements_differ',
    output: name,
    mismatched,
    elements,
    allowedShare,
    tolerance,
    toleranceFactor,
    maxAbsError,
    worst,
    baselineVaries
  }
}

function cosineReason({ name, statistics, noise }: ComparedOutput, { cosineMin }: OutputCriteria): OutputReason | null {
  if (cosineMin === null || statistics.cosineMin === null) return null
  const limit = lowerLimit(cosineMin, noise?.statistics.cosineMin ?? null)
  if (!isBelow(statistics.cosineMin, limit)) return null
  return { kind: 'cosine_low', output: name, cosine: statistics.cosineMin, limit }
}

function top1Reason(
  { name, statistics, noise }: ComparedOutput,
  { top1AgreeMin }: OutputCriteria
): OutputReason | null {
  const { top1 } = statistics
  if (top1AgreeMin === null || top1 === null || top1.rows === 0) return null
  const own = noise?.statistics.top1 ?? null
  const limit = lowerLimit(top1AgreeMin, own === null || own.rows === 0 ? null : own.agreed / own.rows)
  return isBelow(top1.agreed / top1.rows, limit) ? { kind: 'top1_low', output: name, ...top1, limit } : null
}

/** Below a limit by more than rounding. */
export function isBelow(value: number, limit: number): boolean {
  return value < limit - ROUNDING
}

/** A least agreement, lowered to what the baseline reaches with itself: so many times its distance from full agreement. */
export function lowerLimit(limit: number, own: number | null): number {
  return own === null ? limit : Math.min(limit, 1 - NOISE_FACTOR * (1 - own))
}

/** The candidate was given more room for it. */
export function variesVisibly(noise: OutputNoise): boolean {
  return noise.toleranceFactor > 1 || noise.allowedShare > 0
}
