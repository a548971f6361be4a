import type { ComparedTokens, EquivalencePolicy, TokenStatistics } from '#contracts/outputs.ts'
import { isBelow, lowerLimit } from './find-output-reasons.ts'
import type { OutputReason } from './output-judgement.ts'

/** What the policy does not allow of the tokens that `generate` decoded. */
export function findTokenReasons(policy: EquivalencePolicy, tokens: ComparedTokens | null): readonly OutputReason[] {
  if (tokens === null || tokens.statistics.samples === 0) return []
  const { exactPrefixMin, lengthRatio } = policy.tokens
  const reasons: OutputReason[] = []
  const share = prefixShare(tokens.statistics)
  const limit = lowerLimit(exactPrefixMin, tokens.noise === null ? null : prefixShare(tokens.noise))
  if (isBelow(share, limit)) reasons.push({ kind: 'tokens_differ', prefixShare: share, limit, tokens })
  const ratio = lengthRatioOf(tokens.statistics)
  const limits = widenRatio(lengthRatio, tokens.noise)
  if (isBelow(ratio, limits[0]) || isBelow(limits[1], ratio))
    reasons.push({ kind: 'length_differs', ratio, limits, tokens })
  return reasons
}

/** 1 where the baseline decoded nothing: there is no token that could differ. */
function prefixShare({ prefixTokens, baselineTokens }: TokenStatistics): number {
  return baselineTokens === 0 ? 1 : prefixTokens / baselineTokens
}

function lengthRatioOf({ baselineTokens, candidateTokens }: TokenStatistics): number {
  if (baselineTokens === 0) return candidateTokens === 0 ? 1 : Number.MAX_VALUE
  return candidateTokens / baselineTokens
}

function widenRatio(
  [low, high]: readonly [number, number],
  noise: TokenStatistics | null
): readonly [low: number, high: number] {
  if (noise === null) return [low, high]
  const distance = Math.abs(1 - lengthRatioOf(noise))
  return [lowerLimit(low, 1 - distance), 2 - lowerLimit(2 - high, 1 - distance)]
}
