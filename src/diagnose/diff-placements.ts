import type { Placement } from '#contracts/graph.ts'
import type { PerSide } from '#stats/paired-sample.ts'

/** What ran on another execution provider than before. Names come from the process that loaded the model. */
export interface PlacementDiff {
  readonly providers: readonly { readonly provider: string; readonly nodes: PerSide<number> }[]
  /** Most nodes first. Empty: everything ran where it ran before. */
  readonly moves: readonly PlacementMove[]
}

export interface PlacementMove {
  readonly type: string
  readonly from: string
  readonly to: string
  readonly nodes: number
}

/** Operators that are new or gone are the graph's business: only nodes of a type that both sides run can have moved. */
export function diffPlacements(baseline: Placement, candidate: Placement): PlacementDiff {
  const providers = [...new Set([...baseline, ...candidate].map(({ provider }) => provider))]
  const types = new Set([...baseline, ...candidate].flatMap(({ operators }) => operators.map(({ type }) => type)))
  return {
    providers: providers.map((provider) => ({
      provider,
      nodes: { baseline: nodesOf(baseline, provider), candidate: nodesOf(candidate, provider) }
    })),
    moves: [...types]
      .flatMap((type) => findMoves(type, providers, { baseline, candidate }))
      .sort((one, other) => other.nodes - one.nodes)
  }
}

function nodesOf(placement: Placement, provider: string, type?: string): number {
  const placed = placement.find((entry) => entry.provider === provider)
  if (type === undefined) return placed?.nodes ?? 0
  return placed?.operators.find((operator) => operator.type === type)?.nodes ?? 0
}

/** Takes nodes from the providers that lost some to those that gained some. */
function findMoves(type: string, providers: readonly string[], sides: PerSide<Placement>): PlacementMove[] {
  const gains = providers.map((provider) => ({
    provider,
    nodes: nodesOf(sides.candidate, provider, type) - nodesOf(sides.baseline, provider, type)
  }))
  const moves: PlacementMove[] = []
  for (const loser of gains.filter(({ nodes }) => nodes < 0)) {
    for (const winner of gains.filter(({ nodes }) => nodes > 0)) {
      const nodes = Math.min(-loser.nodes, winner.nodes)
      if (nodes === 0) continue
      moves.push({ type, from: loser.provider, to: winner.provider, nodes })
      loser.nodes += nodes
      winner.nodes -= nodes
    }
  }
  return moves
}
