import { addNode, type GraphTally } from './graph-tally.ts'
import { readTensorTotals } from './read-tensor-totals.ts'
import { readText } from './read-text.ts'
import { readFields, readSpan, readSpans, type Span, WireError, type WireFile } from './wire-file.ts'

/** Field numbers of ONNX's NodeProto and AttributeProto [onnx/onnx.proto]. */
const NODE = { input: 1, output: 2, name: 3, type: 4, attribute: 5, docString: 6, domain: 7 } as const
const ATTRIBUTE = { tensor: 5, graph: 6, tensors: 10, graphs: 11, docString: 13 } as const

/** Protocol Buffers itself stops at 100 messages inside each other; a graph in a node is three of them. */
const DEEPEST_GRAPH = 32
/** Of a name or an attribute, for the digest; what is longer counts by its length too. */
const DIGESTED_BYTES = 64 * 1024

export interface NodeReader {
  readonly file: WireFile
  readonly tally: GraphTally
  readonly readGraph: (file: WireFile, tally: GraphTally, place: GraphPlace) => void
}

export interface GraphPlace {
  readonly span: Span
  /** Graphs around it. */
  readonly depth: number
}

/** Counts one node, and what its attributes hold: tensors, and the graphs of loops and branches. */
export function readNode(reader: NodeReader, { span, depth }: GraphPlace): void {
  const { file, tally } = reader
  const parts = new Map<number, Span>()
  const attributes: Span[] = []
  for (const field of readSpans(file, span)) {
    if (!parts.has(field.number)) parts.set(field.number, field.span)
    if (field.number === NODE.attribute) attributes.push(field.span)
    else if (field.number !== NODE.name && field.number !== NODE.docString) digest(reader, field.number, field.span)
  }
  tally.digest.update('\n')
  const domain = readPart(parts.get(NODE.domain), (text) => readText(file, text))
  addNode(tally, {
    type: readPart(parts.get(NODE.type), (text) => readText(file, text)),
    // ONNX's own operator set has two names.
    domain: domain === 'ai.onnx' ? '' : domain,
    output: readIdentity(file, parts)
  })
  for (const attribute of attributes) readAttribute(reader, { span: attribute, depth })
}

function readPart(span: Span | undefined, read: (span: Span) => string): string {
  return span === undefined ? '' : read(span)
}

/** The name of the first output, or that of the node where it has none. */
function readIdentity(file: WireFile, parts: ReadonlyMap<number, Span>): string {
  const read = (span: Span) => readSpan(file, span, DIGESTED_BYTES).toString('latin1')
  const output = readPart(parts.get(NODE.output), read)
  return output === '' ? readPart(parts.get(NODE.name), read) : output
}

function readAttribute(reader: NodeReader, { span, depth }: GraphPlace): void {
  for (const field of readFields(reader.file, span)) {
    if (field.kind === 'integer') reader.tally.digest.update(`${field.number}=${field.value} `)
    if (field.kind === 'span') readAttributePart(reader, field.number, { span: field.span, depth })
  }
}

function readAttributePart(reader: NodeReader, number: number, { span, depth }: GraphPlace): void {
  const { file, tally, readGraph } = reader
  if (number === ATTRIBUTE.tensor || number === ATTRIBUTE.tensors) {
    readTensorTotals(file, tally, span)
  } else if (number === ATTRIBUTE.graph || number === ATTRIBUTE.graphs) {
    if (depth >= DEEPEST_GRAPH) throw new WireError(`It has more than ${DEEPEST_GRAPH} graphs inside each other.`)
    readGraph(file, tally, { span, depth: depth + 1 })
  } else if (number !== ATTRIBUTE.docString) {
    digest(reader, number, span)
  }
}

function digest({ file, tally }: NodeReader, number: number, span: Span): void {
  tally.digest.update(`${number}:${span.end - span.start} `)
  tally.digest.update(readSpan(file, span, DIGESTED_BYTES))
}
