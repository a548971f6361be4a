import onnxProto, { type onnx as Onnx } from 'onnx-proto'
import { ONNX_ELEMENT_TYPES, type OnnxElementType } from './element-types.ts'

/** A number is a fixed size; a string names a dynamic dimension; an empty string is one without a name. */
export type Dimensions = readonly (number | string)[]

/** What an attribute of an operator holds. Strings stand for themselves, everything else says what it is. */
export type AttributeValue =
  | string
  | { readonly int: number }
  | { readonly ints: readonly number[] }
  | { readonly float: number }
  | { readonly tensor: Onnx.ITensorProto }
  | { readonly graph: Onnx.IGraphProto }

export interface NodeSpec {
  /** Of the operator; `Conv`. */
  readonly type: string
  readonly inputs: readonly string[]
  readonly outputs: readonly string[]
  readonly attributes?: Readonly<Record<string, AttributeValue>>
  /** Of the operator's set; ONNX's own when left out. */
  readonly domain?: string
  readonly name?: string
}

export interface GraphSpec {
  readonly name?: string
  readonly nodes: readonly Onnx.INodeProto[]
  readonly inputs: readonly Onnx.IValueInfoProto[]
  readonly outputs: readonly Onnx.IValueInfoProto[]
  readonly initializers?: readonly Onnx.ITensorProto[]
}

export interface ModelSpec extends GraphSpec {
  /** Version of ONNX's own operator set; 15 when left out. */
  readonly opset?: number
  /** Versions of further operator sets, by domain. */
  readonly domains?: Readonly<Record<string, number>>
  readonly producer?: string
}

/** Where the values of an initialiser stand outside the model file. */
export interface ExternalPlace {
  /** File, relative to the model's folder. */
  readonly location: string
  readonly offsetBytes: number
  readonly lengthBytes: number
}

/** Knows operator sets up to 18, and every ONNX Runtime since 1.10 loads it. */
const IR_VERSION = 8
const OPSET_VERSION = 15
/** `TensorProto.DataLocation.EXTERNAL`. */
const EXTERNAL = 1

/** The bytes of an ONNX file. The same specification always gives the same bytes. */
export function writeModel(model: ModelSpec): Uint8Array {
  const opsets = { '': model.opset ?? OPSET_VERSION, ...model.domains }
  return onnxProto.onnx.ModelProto.encode({
    irVersion: IR_VERSION,
    producerName: model.producer ?? 'tailgate',
    graph: graph(model),
    opsetImport: Object.entries(opsets).map(([domain, version]) => ({ domain, version }))
  }).finish()
}

/** A graph: a model's own, or the body of a `Loop` or a branch of an `If`. */
export function graph(spec: GraphSpec): Onnx.IGraphProto {
  return {
    name: spec.name ?? 'main',
    node: [...spec.nodes],
    input: [...spec.inputs],
    output: [...spec.outputs],
    initializer: [...(spec.initializers ?? [])]
  }
}

/** One use of an operator. */
export function node({ type, inputs, outputs, attributes = {}, domain, name }: NodeSpec): Onnx.INodeProto {
  return {
    opType: type,
    input: [...inputs],
    output: [...outputs],
    attribute: Object.entries(attributes).map(([key, value]) => attribute(key, value)),
    ...(domain === undefined ? {} : { domain }),
    ...(name === undefined ? {} : { name })
  }
}

/** One model input or output. */
export function tensorValue(name: string, type: OnnxElementType, dimensions: Dimensions): Onnx.IValueInfoProto {
  const dim = dimensions.map((size) => {
    if (typeof size === 'number') return { dimValue: size }
    return size === '' ? {} : { dimParam: size }
  })
  return { name, type: { tensorType: { elemType: ONNX_ELEMENT_TYPES[type], shape: { dim } } } }
}

/** An initialiser whose values stand in the model file, little-endian, as they lie in memory. */
export function tensor(
  name: string,
  type: OnnxElementType,
  dims: readonly number[],
  values: ArrayBufferView
): Onnx.ITensorProto {
  const rawData = new Uint8Array(values.buffer, values.byteOffset, values.byteLength)
  return { name, dims: [...dims], dataType: ONNX_ELEMENT_TYPES[type], rawData }
}

/** An initialiser whose values stand in a file beside the model. */
export function externalTensor(
  name: string,
  type: OnnxElementType,
  dims: readonly number[],
  place: ExternalPlace
): Onnx.ITensorProto {
  return {
    name,
    dims: [...dims],
    dataType: ONNX_ELEMENT_TYPES[type],
    dataLocation: EXTERNAL,
    externalData: [
      { key: 'location', value: place.location },
      { key: 'offset', value: String(place.offsetBytes) },
      { key: 'length', value: String(place.lengthBytes) }
    ]
  }
}

function attribute(name: string, value: AttributeValue): Onnx.IAttributeProto {
  const types = onnxProto.onnx.AttributeProto.AttributeType
  if (typeof value === 'string') return { name, type: types.STRING, s: Buffer.from(value) }
  if ('int' in value) return { name, type: types.INT, i: value.int }
  if ('ints' in value) return { name, type: types.INTS, ints: [...value.ints] }
  if ('float' in value) return { name, type: types.FLOAT, f: value.float }
  if ('tensor' in value) return { name, type: types.TENSOR, t: value.tensor }
  return { name, type: types.GRAPH, g: value.graph }
}
