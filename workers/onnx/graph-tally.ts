import { createHash, type Hash } from 'node:crypto'
import { type GraphFacts, MAX_LISTED_NODES, MAX_LISTED_OPERATORS, type OperatorCount } from '#contracts/graph.ts'
import { WireError } from './wire-file.ts'

/** What is added up while a graph is read. */
export interface GraphTally {
  readonly digest: Hash
  nodes: number
  /** By domain and type. Only so many are told apart. */
  readonly operators: Map<string, { readonly domain: string; readonly type: string; count: number }>
  unlistedNodes: number
  /** Start of a hash and key in `operators` of each node, until there are too many. */
  readonly identities: { readonly hash: string; readonly operator: string }[]
  readonly initializers: Map<string, { count: number; bytes: number }>
  readonly external: { tensors: number; bytes: number; readonly files: Set<string> }
}

export interface TensorFacts {
  readonly elementType: string
  readonly bytes: number
  /** The file that it stands in; null inside the model. */
  readonly location: string | null
}

/** Large language models have tens of thousands. */
const MOST_NODES = 1_000_000
/** Told apart while counting; the list keeps the most used of them. */
const MOST_OPERATORS = 4 * MAX_LISTED_OPERATORS
const MOST_ELEMENT_TYPES = 50
const MOST_EXTERNAL_FILES = 10_000

export function createGraphTally(): GraphTally {
  return {
    digest: createHash('sha256'),
    nodes: 0,
    operators: new Map(),
    unlistedNodes: 0,
    identities: [],
    initializers: new Map(),
    external: { tensors: 0, bytes: 0, files: new Set() }
  }
}

/** `output` names the node's first output (or the node, where it has none): what it is recognised by. */
export function addNode(
  tally: GraphTally,
  { domain, type, output }: { readonly domain: string; readonly type: string; readonly output: string }
): void {
  tally.nodes += 1
  if (tally.nodes > MOST_NODES) throw new WireError(`It has more than ${MOST_NODES} nodes.`)
  const operator = `${domain}\0${type}`
  const counted = tally.operators.get(operator)
  if (counted === undefined && tally.operators.size >= MOST_OPERATORS) {
    tally.unlistedNodes += 1
    return
  }
  if (counted === undefined) tally.operators.set(operator, { domain, type, count: 1 })
  else counted.count += 1
  if (tally.identities.length <= MAX_LISTED_NODES) {
    tally.identities.push({ hash: createHash('sha256').update(output).digest('hex').slice(0, 8), operator })
  }
}

export function addTensor(tally: GraphTally, { elementType, bytes, location }: TensorFacts): void {
  const known = tally.initializers.has(elementType) || tally.initializers.size < MOST_ELEMENT_TYPES - 1
  const key = known ? elementType : 'others'
  const total = tally.initializers.get(key) ?? { count: 0, bytes: 0 }
  tally.initializers.set(key, { count: total.count + 1, bytes: total.bytes + bytes })
  if (location === null) return
  tally.external.tensors += 1
  tally.external.bytes += bytes
  if (tally.external.files.size < MOST_EXTERNAL_FILES) tally.external.files.add(location)
}

export function summariseTally(
  tally: GraphTally
): Omit<GraphFacts, 'irVersion' | 'producer' | 'opsets' | 'inputs' | 'outputs'> {
  const byUse = [...tally.operators.entries()].sort(([, one], [, other]) => compareOperators(one, other))
  const listed = byUse.slice(0, MAX_LISTED_OPERATORS)
  const listedNodes = listed.reduce((sum, [, { count }]) => sum + count, 0)
  return {
    nodes: tally.nodes,
    operators: listed.map(([, operator]) => ({ ...operator })),
    unlistedNodes: tally.nodes - listedNodes,
    identities: identities(tally, new Map(listed.map(([key], index) => [key, index]))),
    nodesSha256: tally.digest.copy().digest('hex'),
    initializers: [...tally.initializers.entries()].map(([elementType, total]) => ({ elementType, ...total })),
    external: { ...tally.external, files: tally.external.files.size }
  }
}

function identities(tally: GraphTally, places: ReadonlyMap<string, number>): [string, number][] | null {
  if (tally.nodes > MAX_LISTED_NODES) return null
  return tally.identities.flatMap(({ hash, operator }): [string, number][] => {
    const place = places.get(operator)
    return place === undefined ? [] : [[hash, place]]
  })
}

function compareOperators(one: OperatorCount, other: OperatorCount): number {
  if (one.count !== other.count) return other.count - one.count
  const [some, others] = [`${one.type}\0${one.domain}`, `${other.type}\0${other.domain}`]
  return some < others ? -1 : 1
}
