import { MAX_LISTED_OPERATORS, type Placement } from '#contracts/graph.ts'
import { midmean } from './midmean.ts'
import type { TimedNode } from './time-nodes.ts'

const MOST_PROVIDERS = 20

/** Which execution provider ran what, the busiest first. */
export function summarisePlacement(nodes: readonly TimedNode[]): Placement {
  const byProvider = Map.groupBy(nodes, ({ provider }) => provider)
  return [...byProvider]
    .map(([provider, placed]) => ({
      provider,
      nodes: placed.length,
      timeNs: placed.reduce((sum, { timesNs }) => sum + midmean(timesNs), 0),
      operators: countTypes(placed)
    }))
    .sort((one, other) => other.timeNs - one.timeNs)
    .slice(0, MOST_PROVIDERS)
}

function countTypes(nodes: readonly TimedNode[]): { type: string; nodes: number }[] {
  return [...Map.groupBy(nodes, ({ type }) => type)]
    .map(([type, ofType]) => ({ type, nodes: ofType.length }))
    .sort((one, other) => other.nodes - one.nodes || (one.type < other.type ? -1 : 1))
    .slice(0, MAX_LISTED_OPERATORS)
}
