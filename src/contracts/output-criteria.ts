import type { ElementType } from './inputs.ts'
import { type EquivalencePolicy, isFloatType, type OutputCriteria } from './outputs.ts'

/**
 * Two half-precision numbers that come from the same exact one are up to 2⁻¹⁰ of it apart; two operations more make twice
 * that.
 */
const HALF_PRECISION_RTOL = 2 ** -9

/**
 * What one output must keep to. Without a tolerance of its own, an output that is not of a float type on both sides is
 * compared exactly: token 50,000 is not nearly token 50,001. Half-precision ones get as much room as their digits need.
 */
export function criteriaOf(
  policy: Pick<EquivalencePolicy, 'default' | 'perOutput'>,
  name: string,
  types: { readonly baseline: ElementType; readonly candidate: ElementType }
): OutputCriteria {
  // Names come from the model: `constructor` must not find what every object has.
  const own = Object.hasOwn(policy.perOutput, name) ? policy.perOutput[name] : undefined
  const isFloat = isFloatType(types.baseline) && isFloatType(types.candidate)
  const isHalf = types.baseline === 'float16' || types.candidate === 'float16'
  const usualRtol = isHalf ? Math.max(policy.default.rtol, HALF_PRECISION_RTOL) : policy.default.rtol
  return {
    rtol: own?.rtol ?? (isFloat ? usualRtol : 0),
    atol: own?.atol ?? (isFloat ? policy.default.atol : 0),
    maxMismatchShare: own?.maxMismatchShare ?? policy.default.maxMismatchShare,
    cosineMin: own?.cosineMin === undefined ? policy.default.cosineMin : own.cosineMin,
    top1AgreeMin: own?.top1AgreeMin === undefined ? policy.default.top1AgreeMin : own.top1AgreeMin
  }
}
