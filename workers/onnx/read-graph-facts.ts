import { closeSync, fstatSync, openSync } from 'node:fs'
import { type GraphFacts, type GraphReading, MAX_LISTED_VALUES, type ValueSignature } from '#contracts/graph.ts'
import { createGraphTally, type GraphTally, summariseTally } from './graph-tally.ts'
import { readNode } from './read-node.ts'
import { elementTypeName, readTensorTotals } from './read-tensor-totals.ts'
import { readText } from './read-text.ts'
import { openWireFile, readFields, readSpans, type Span, WireError, type WireFile } from './wire-file.ts'

/** Field numbers of ONNX's messages [onnx/onnx.proto]. */
const MODEL = { irVersion: 1, producerName: 2, producerVersion: 3, graph: 7, opsetImport: 8, functions: 25 } as const
const OPSET = { domain: 1, version: 2 } as const
const GRAPH = { node: 1, initializer: 5, input: 11, output: 12, sparseInitializer: 15 } as const
const TENSOR = { name: 8 } as const
const FUNCTION = { node: 7 } as const
const SPARSE = { values: 1 } as const
const VALUE = { name: 1, type: 2 } as const
const TYPE = { tensor: 1 } as const
const TENSOR_TYPE = { elementType: 1, shape: 2 } as const
const SHAPE = { dim: 1 } as const
const DIM = { value: 1, param: 2 } as const

const IR_VERSION_WITH_CONSTANTS = 4
const MOST_NAMES = 100_000
const MOST_OPSETS = 50
const MOST_DIMS = 32

interface ModelParts {
  irVersion: number | null
  readonly producer: { name: string; version: string }
  readonly opsets: { domain: string; version: number }[]
  graph: Span | null
  readonly inputs: ValueSignature[]
  readonly outputs: ValueSignature[]
  readonly tally: GraphTally
}

/**
 * What a model file says about its graph. Nothing of the file is run, its weights are not read, and files that it names are
 * not opened. Broken and hostile files give a problem, not an error; so does a file that is gone.
 */
export function readGraphFacts(modelFile: string): GraphReading {
  let descriptor: number | null = null
  try {
    descriptor = openSync(modelFile, 'r')
    return readModel(openWireFile(descriptor, fstatSync(descriptor).size))
  } catch (error) {
    if (error instanceof WireError) return { kind: 'unreadable', problem: error.message }
    if (error instanceof Error && 'syscall' in error) {
      return { kind: 'unreadable', problem: `It cannot be read (${'code' in error ? error.code : error.syscall}).` }
    }
    throw error
  } finally {
    if (descriptor !== null) closeSync(descriptor)
  }
}

function readModel(file: WireFile): GraphReading {
  const parts: ModelParts = {
    irVersion: null,
    producer: { name: '', version: '' },
    opsets: [],
    graph: null,
    inputs: [],
    outputs: [],
    tally: createGraphTally()
  }
  for (const field of readFields(file, { start: 0, end: file.sizeBytes })) {
    if (field.kind === 'integer' && field.number === MODEL.irVersion) parts.irVersion = Math.max(0, field.value)
    if (field.kind === 'span') readModelPart(file, parts, field.number, field.span)
  }
  if (parts.graph === null) return { kind: 'unreadable', problem: 'It holds no graph.' }
  readSignature(file, parts, parts.graph)
  return { kind: 'read', facts: facts(parts) }
}

function facts({ irVersion, producer, opsets, inputs, outputs, tally }: ModelParts): GraphFacts {
  return { irVersion, producer, opsets, ...summariseTally(tally), inputs, outputs }
}

function readModelPart(file: WireFile, parts: ModelParts, number: number, span: Span): void {
  if (number === MODEL.producerName) parts.producer.name = readText(file, span)
  if (number === MODEL.producerVersion) parts.producer.version = readText(file, span)
  if (number === MODEL.opsetImport && parts.opsets.length < MOST_OPSETS) parts.opsets.push(readOpset(file, span))
  if (number === MODEL.functions) readFunction(file, parts.tally, span)
  if (number !== MODEL.graph) return
  parts.graph = span
  readGraph(file, parts.tally, { span, depth: 0 })
}

function readOpset(file: WireFile, span: Span): { domain: string; version: number } {
  const opset = { domain: '', version: 0 }
  for (const field of readFields(file, span)) {
    if (field.kind === 'span' && field.number === OPSET.domain) opset.domain = readText(file, field.span)
    if (field.kind === 'integer' && field.number === OPSET.version) opset.version = field.value
  }
  return opset
}

function readFunction(file: WireFile, tally: GraphTally, span: Span): void {
  for (const field of readSpans(file, span)) {
    if (field.number === FUNCTION.node) readNode({ file, tally, readGraph }, { span: field.span, depth: 0 })
  }
}

/** Counts the nodes and initialisers of a graph, and of those inside it. */
function readGraph(file: WireFile, tally: GraphTally, { span, depth }: { span: Span; depth: number }): void {
  for (const field of readSpans(file, span)) {
    if (field.number === GRAPH.node) readNode({ file, tally, readGraph }, { span: field.span, depth })
    if (field.number === GRAPH.initializer) readTensorTotals(file, tally, field.span)
    if (field.number === GRAPH.sparseInitializer) readSparse(file, tally, field.span)
  }
}

function readSparse(file: WireFile, tally: GraphTally, span: Span): void {
  for (const field of readSpans(file, span)) {
    if (field.number === SPARSE.values) readTensorTotals(file, tally, field.span)
  }
}

function readSignature(file: WireFile, parts: ModelParts, graph: Span): void {
  const isOld = parts.irVersion !== null && parts.irVersion < IR_VERSION_WITH_CONSTANTS
  const constants = isOld ? initializerNames(file, graph) : new Set<string>()
  for (const { number, span } of readSpans(file, graph)) {
    if (number === GRAPH.input) addValue(parts.inputs, readValue(file, span), constants)
    if (number === GRAPH.output) addValue(parts.outputs, readValue(file, span), new Set<string>())
  }
}

/** Up to IR version 3 every initialiser is an input as well; nobody feeds those. */
function initializerNames(file: WireFile, graph: Span): Set<string> {
  const names = new Set<string>()
  for (const { number, span } of readSpans(file, graph)) {
    if (number !== GRAPH.initializer) continue
    for (const field of readSpans(file, span)) {
      if (field.number === TENSOR.name && names.size < MOST_NAMES) names.add(readText(file, field.span))
    }
  }
  return names
}

function addValue(values: ValueSignature[], value: ValueSignature, constants: ReadonlySet<string>): void {
  if (values.length < MAX_LISTED_VALUES && !constants.has(value.name)) values.push(value)
}

function readValue(file: WireFile, span: Span): ValueSignature {
  let value: ValueSignature = { name: '', elementType: 'other', shape: null }
  for (const field of readSpans(file, span)) {
    if (field.number === VALUE.name) value = { ...value, name: readText(file, field.span) }
    if (field.number === VALUE.type) value = { ...value, ...readType(file, field.span) }
  }
  return value
}

function readType(file: WireFile, span: Span): Partial<ValueSignature> {
  let type: Partial<ValueSignature> = {}
  for (const { number, span: tensorType } of readSpans(file, span)) {
    if (number === TYPE.tensor) type = readTensorType(file, tensorType)
  }
  return type
}

function readTensorType(file: WireFile, span: Span): Partial<ValueSignature> {
  let type: Partial<ValueSignature> = {}
  for (const field of readFields(file, span)) {
    if (field.kind === 'integer' && field.number === TENSOR_TYPE.elementType) {
      type = { ...type, elementType: elementTypeName(field.value) }
    }
    if (field.kind === 'span' && field.number === TENSOR_TYPE.shape) {
      type = { ...type, shape: readShape(file, field.span) }
    }
  }
  return type
}

function readShape(file: WireFile, span: Span): (number | string | null)[] {
  const shape: (number | string | null)[] = []
  for (const field of readSpans(file, span)) {
    if (field.number !== SHAPE.dim || shape.length >= MOST_DIMS) continue
    shape.push(readDim(file, field.span))
  }
  return shape
}

function readDim(file: WireFile, span: Span): number | string | null {
  let size: number | string | null = null
  for (const field of readFields(file, span)) {
    if (field.kind === 'integer' && field.number === DIM.value) size = field.value
    if (field.kind === 'span' && field.number === DIM.param) size = readText(file, field.span)
  }
  return size
}
