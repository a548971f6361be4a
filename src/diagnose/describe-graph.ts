import { countOf, type Sentence } from '#src/equivalence/sentence.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import { formatBytes } from './format-quantity.ts'
import type { GraphChange, GraphDiff } from './graph-diff.ts'
import { joinPieces, quoteName, quoteOperator } from './quote-name.ts'

/** The rest is counted. */
const MAX_CHANGES = 6

/** `The graph differs: 3 nodes became Erf instead of Relu and Foo is new (2 nodes).` */
export function describeGraph({ changes, sameNodes, nodes, isPartial }: GraphDiff): Sentence {
  const partial = isPartial ? ' It has more operators than were listed, so there may be more.' : ''
  if (changes.length === 0) {
    const counts = nodes.baseline === nodes.candidate ? '' : `, ${describeCounts(nodes, 'node')}`
    return [`The graph differs in connections, attributes or values only${counts}.${partial}`]
  }
  const told = changes.slice(0, MAX_CHANGES).map(describeChange)
  const rest = changes.length - told.length
  const all = rest > 0 ? [...told, [countOf(rest, 'further change')]] : told
  return [`The graph differs${sameNodes ? ', not in its nodes' : ''}: `, ...joinPieces(all), `.${partial}`]
}

function describeChange(change: GraphChange): Sentence {
  switch (change.kind) {
    case 'nodes_retyped':
      return [
        `${countOf(change.nodes, 'node')} became `,
        quoteOperator(change.to),
        ' instead of ',
        quoteOperator(change.from)
      ]
    case 'operator_added':
      return [quoteOperator(change.operator), ` is new (${countOf(change.nodes.candidate, 'node')})`]
    case 'operator_removed':
      return [quoteOperator(change.operator), ` is gone (${countOf(change.nodes.baseline, 'node')})`]
    case 'operator_count':
      return [quoteOperator(change.operator), ` has ${describeCounts(change.nodes, 'node')}`]
    case 'quantisation':
      return [`${change.nodes.candidate} nodes quantise or work on quantised values, ${change.nodes.baseline} did`]
    case 'opset':
      return describeOpset(change)
    case 'initializers':
      return [
        'initialisers of type ',
        quoteName(change.elementType),
        ` take ${formatBytes(change.totals.candidate.bytes)}, were ${formatBytes(change.totals.baseline.bytes)}`
      ]
    case 'initializer_bytes':
      return [
        `all initialisers take ${formatBytes(change.bytes.candidate)}, were ${formatBytes(change.bytes.baseline)}`
      ]
    case 'external_bytes':
      return [
        `${formatBytes(change.bytes.candidate)} of them stand in other files, were ${formatBytes(change.bytes.baseline)}`
      ]
    case 'signature':
      return [`the ${change.which} `, quoteName(change.name), ` ${describePresence(change.values)}`]
    default:
      return change satisfies never
  }
}

function describeOpset({ domain, versions }: Extract<GraphChange, { kind: 'opset' }>): Sentence {
  const version = (value: number | null) => (value === null ? 'none' : String(value))
  const name: Sentence = domain === '' ? ['ONNX’s operator set'] : ['the operator set ', quoteName(domain)]
  return [...name, ` is ${version(versions.candidate)}, was ${version(versions.baseline)}`]
}

function describePresence({ baseline, candidate }: PerSide<unknown>): string {
  if (baseline === null) return 'is new'
  return candidate === null ? 'is gone' : 'has another type or shape'
}

function describeCounts({ baseline, candidate }: PerSide<number>, noun: string): string {
  return `${countOf(candidate, noun)}, had ${baseline.toLocaleString('en-US')}`
}
