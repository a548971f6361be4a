import type { OperatorTimes } from '#contracts/graph.ts'
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
export function diffPlacements(baseline: OperatorTimes, candidate: OperatorTimes): PlacementDiff {
  const all = [...baseline.listed, ...candidate.listed]
  const providers = [...new Set(all.map(({ provider }) => provider))]
  const types = new Set(all.map(({ type }) => type))
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

function nodesOf({ listed }: OperatorTimes, provider: string, type?: string): number {
  return listed
    .filter((operator) => operator.provider === provider && (type === undefined || operator.type === type))
    .reduce((sum, { nodes }) => sum + nodes, 0)
}

/** Takes nodes from the providers that lost some to those that gained some. */
function findMoves(type: string, providers: readonly string[], sides: PerSide<OperatorTimes>): PlacementMove[] {
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
