import type { GraphFacts, InitializerTotal, OperatorCount, ValueSignature } from '#contracts/graph.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import { diffOperators } from './diff-operators.ts'
import type { GraphChange, GraphDiff, Total } from './graph-diff.ts'
import { isQuantising } from './is-quantising.ts'

/** What differs between the graphs of two model files. */
export function diffGraphs(baseline: GraphFacts, candidate: GraphFacts): GraphDiff {
  const sides = { baseline, candidate }
  return {
    sameNodes: baseline.nodesSha256 === candidate.nodesSha256,
    nodes: { baseline: baseline.nodes, candidate: candidate.nodes },
    changes: [
      ...diffQuantisation(sides),
      ...diffOperators(sides),
      ...diffOpsets(sides),
      ...diffInitializers(sides),
      ...diffSignatures('input', { baseline: baseline.inputs, candidate: candidate.inputs }),
      ...diffSignatures('output', { baseline: baseline.outputs, candidate: candidate.outputs })
    ],
    isPartial: baseline.unlistedNodes > 0 || candidate.unlistedNodes > 0
  }
}

function diffQuantisation({ baseline, candidate }: PerSide<GraphFacts>): GraphChange[] {
  const nodes = { baseline: quantisingNodes(baseline.operators), candidate: quantisingNodes(candidate.operators) }
  return nodes.baseline === nodes.candidate ? [] : [{ kind: 'quantisation', nodes }]
}

function quantisingNodes(operators: readonly OperatorCount[]): number {
  return operators.filter(isQuantising).reduce((sum, { count }) => sum + count, 0)
}

function diffOpsets({ baseline, candidate }: PerSide<GraphFacts>): GraphChange[] {
  const domains = new Set([...baseline.opsets, ...candidate.opsets].map(({ domain }) => domain))
  return [...domains].flatMap((domain): GraphChange[] => {
    const versions = { baseline: versionOf(baseline, domain), candidate: versionOf(candidate, domain) }
    return versions.baseline === versions.candidate ? [] : [{ kind: 'opset', domain, versions }]
  })
}

function versionOf({ opsets }: GraphFacts, domain: string): number | null {
  return opsets.find((opset) => opset.domain === domain)?.version ?? null
}

function diffInitializers({ baseline, candidate }: PerSide<GraphFacts>): GraphChange[] {
  const types = new Set([...baseline.initializers, ...candidate.initializers].map(({ elementType }) => elementType))
  const changes = [...types].flatMap((elementType): GraphChange[] => {
    const totals = {
      baseline: totalOf(baseline.initializers, elementType),
      candidate: totalOf(candidate.initializers, elementType)
    }
    const same = totals.baseline.bytes === totals.candidate.bytes && totals.baseline.count === totals.candidate.count
    return same ? [] : [{ kind: 'initializers', elementType, totals }]
  })
  const bytes = { baseline: bytesOf(baseline.initializers), candidate: bytesOf(candidate.initializers) }
  const external = { baseline: baseline.external.bytes, candidate: candidate.external.bytes }
  return [
    ...(bytes.baseline === bytes.candidate ? [] : [{ kind: 'initializer_bytes', bytes } as const]),
    ...changes,
    ...(external.baseline === external.candidate ? [] : [{ kind: 'external_bytes', bytes: external } as const])
  ]
}

function totalOf(initializers: readonly InitializerTotal[], elementType: string): Total {
  const total = initializers.find((initializer) => initializer.elementType === elementType)
  return { count: total?.count ?? 0, bytes: total?.bytes ?? 0 }
}

function bytesOf(initializers: readonly InitializerTotal[]): number {
  return initializers.reduce((sum, { bytes }) => sum + bytes, 0)
}

function diffSignatures(which: 'input' | 'output', sides: PerSide<readonly ValueSignature[]>): GraphChange[] {
  const names = new Set([...sides.baseline, ...sides.candidate].map(({ name }) => name))
  return [...names].flatMap((name): GraphChange[] => {
    const find = (values: readonly ValueSignature[]) => values.find((value) => value.name === name) ?? null
    const values = { baseline: find(sides.baseline), candidate: find(sides.candidate) }
    const same = JSON.stringify(values.baseline) === JSON.stringify(values.candidate)
    return same ? [] : [{ kind: 'signature', which, name, values }]
  })
}
