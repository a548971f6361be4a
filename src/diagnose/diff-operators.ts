import type { GraphFacts } from '#contracts/graph.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import type { GraphChange, OperatorName } from './graph-diff.ts'

/**
 * Which operators were added, removed, or are used more or less often. Nodes that kept their output and changed their
 * operator are told as such, and then not again as one operator fewer and another more.
 */
export function diffOperators(sides: PerSide<GraphFacts>): GraphChange[] {
  const counts = countOperators(sides)
  const retyped = findRetyped(sides)
    .map((found) => explainCounts(found, counts))
    .filter(({ nodes }) => nodes > 0)
  return [
    ...retyped.map(({ from, to, nodes }): GraphChange => ({ kind: 'nodes_retyped', from, to, nodes })),
    ...[...counts.values()].flatMap((counted) => describeCount(counted, sides)).sort(byWeight)
  ]
}

interface Retyped {
  readonly from: OperatorName
  readonly to: OperatorName
  nodes: number
}

function findRetyped({ baseline, candidate }: PerSide<GraphFacts>): Retyped[] {
  const [before, after] = [operatorsByNode(baseline), operatorsByNode(candidate)]
  const found = new Map<string, Retyped>()
  for (const [hash, from] of before) {
    const to = after.get(hash)
    if (from === null || to === undefined || to === null || keyOf(from) === keyOf(to)) continue
    const key = `${keyOf(from)}\n${keyOf(to)}`
    const known = found.get(key)
    if (known === undefined) found.set(key, { from, to, nodes: 1 })
    else known.nodes += 1
  }
  return [...found.values()].sort((one, other) => other.nodes - one.nodes)
}

/** Null for names that several nodes have, as in two loop bodies. */
function operatorsByNode({ identities, operators }: GraphFacts): Map<string, OperatorName | null> {
  const nodes = new Map<string, OperatorName | null>()
  for (const [hash, place] of identities ?? []) {
    nodes.set(hash, nodes.has(hash) ? null : nameOf(operators[place]))
  }
  return nodes
}

function nameOf(operator: OperatorName | undefined): OperatorName | null {
  return operator === undefined ? null : { domain: operator.domain, type: operator.type }
}

interface Counted {
  readonly operator: OperatorName
  readonly nodes: PerSide<number>
  /** What the counts would differ by without the nodes that were retyped. */
  unexplained: number
}

function countOperators({ baseline, candidate }: PerSide<GraphFacts>): Map<string, Counted> {
  const [before, after] = [countsOf(baseline), countsOf(candidate)]
  const counts = new Map<string, Counted>()
  for (const { domain, type } of [...baseline.operators, ...candidate.operators]) {
    const operator = { domain, type }
    const key = keyOf(operator)
    const nodes = { baseline: before.get(key) ?? 0, candidate: after.get(key) ?? 0 }
    counts.set(key, { operator, nodes, unexplained: nodes.candidate - nodes.baseline })
  }
  return counts
}

/**
 * A node that is put between two others often takes over the name of an output. So only as many nodes count as retyped as
 * there are fewer of the one operator and more of the other.
 */
function explainCounts({ from, to, nodes }: Retyped, counts: Map<string, Counted>): Retyped {
  const [fewer, more] = [counts.get(keyOf(from)), counts.get(keyOf(to))]
  if (fewer === undefined || more === undefined) return { from, to, nodes: 0 }
  const explained = Math.max(0, Math.min(nodes, -fewer.unexplained, more.unexplained))
  fewer.unexplained += explained
  more.unexplained -= explained
  return { from, to, nodes: explained }
}

function countsOf({ operators }: GraphFacts): Map<string, number> {
  return new Map(operators.map((operator) => [keyOf(operator), operator.count]))
}

/** Where a side lists only part of its operators, one that is not listed may be there all the same. */
function describeCount(
  { operator, nodes, unexplained }: Counted,
  { baseline, candidate }: PerSide<GraphFacts>
): CountChange[] {
  if (unexplained === 0) return []
  if (nodes.baseline === 0) {
    return baseline.unlistedNodes > 0 ? [] : [{ kind: 'operator_added', operator, nodes }]
  }
  if (nodes.candidate === 0) {
    return candidate.unlistedNodes > 0 ? [] : [{ kind: 'operator_removed', operator, nodes }]
  }
  return [{ kind: 'operator_count', operator, nodes }]
}

type CountChange = Extract<GraphChange, { kind: 'operator_added' | 'operator_removed' | 'operator_count' }>
const KINDS: readonly CountChange['kind'][] = ['operator_added', 'operator_removed', 'operator_count']

function byWeight(one: CountChange, other: CountChange): number {
  const byKind = KINDS.indexOf(one.kind) - KINDS.indexOf(other.kind)
  return byKind === 0 ? sizeOf(other) - sizeOf(one) : byKind
}

function sizeOf({ nodes }: CountChange): number {
  return Math.abs(nodes.candidate - nodes.baseline)
}

function keyOf({ domain, type }: OperatorName): string {
  return JSON.stringify([domain, type])
}
