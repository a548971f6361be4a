import type { Side } from '#contracts/identifiers.ts'
import type { Block, GoodputObjective } from '#contracts/measurements.ts'
import { NS_PER_S } from '#contracts/units.ts'
import { goodShares, timePerToken } from './compare-generate.ts'
import { type Quantiles, quantilesOf } from './quantiles.ts'

/** One side of `generate`, pooled. */
export interface TokenFacts {
  readonly requests: number
  readonly tokens: number
  readonly ttft: Quantiles | null
  /** From token to token. */
  readonly itl: Quantiles | null
  readonly tokensPerS: number | null
  /** Share of good requests; null without an objective or without requests. */
  readonly goodShare: number | null
}

export function collectTokens(
  blocks: readonly Block[],
  side: Side,
  objective: GoodputObjective | undefined
): TokenFacts {
  const ofSide = blocks.filter((block) => block.side === side)
  const gapsNs = ofSide.flatMap(({ series }) => series?.itlNs ?? [])
  const requests = ofSide.reduce((sum, { latenciesNs }) => sum + latenciesNs.length, 0)
  const perTokenNs = timePerToken(ofSide, side)
  return {
    requests,
    tokens: gapsNs.length === 0 ? 0 : requests + gapsNs.length,
    ttft: quantilesOf(ofSide.flatMap(({ series }) => series?.ttftNs ?? [])),
    itl: quantilesOf(gapsNs),
    tokensPerS: rateOf(perTokenNs),
    goodShare: objective === undefined ? null : goodShares(ofSide, objective)[side]
  }
}

/** Null where it leaves the range of numbers. */
function rateOf(perTokenNs: number | null): number | null {
  const perS = perTokenNs === null ? Number.NaN : NS_PER_S / perTokenNs
  return Number.isFinite(perS) ? perS : null
}
