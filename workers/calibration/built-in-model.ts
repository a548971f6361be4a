import { createRandom } from '#workers/side/random-numbers.ts'
import { encodeFloats, encodeMessage, type Field } from './encode-protobuf.ts'

/**
 * The model that a machine is calibrated with when no repository is named: six 3 × 3 convolutions with 16 channels over
 * 56 × 56 pixels, each followed by a ReLU, as in image models. 43 million multiplications take about 1 ms on one core. It is
 * made here instead of shipped: its origin is this file, and its bytes are the same everywhere.
 */
const CHANNELS = 16
const KERNEL = 3
const PIXELS = 56
const LAYERS = 6
const WEIGHTS_SEED = 1

/** ONNX's numbers [onnx/onnx.proto]: field numbers of its messages, and constants. */
const MODEL = { irVersion: 1, producerName: 2, graph: 7, opsetImport: 8 } as const
const OPSET = { domain: 1, version: 2 } as const
const GRAPH = { node: 1, name: 2, initializer: 5, input: 11, output: 12 } as const
const NODE = { input: 1, output: 2, opType: 4, attribute: 5 } as const
const ATTRIBUTE = { name: 1, ints: 8, type: 20 } as const
const ATTRIBUTE_INTS = 7
const TENSOR = { dims: 1, dataType: 2, name: 8, rawData: 9 } as const
const FLOAT = 1
const VALUE = { name: 1, type: 2 } as const
const IR_VERSION = 8
const OPSET_VERSION = 15

/** The bytes of the file, about 56 kB: `x` [1, 16, 56, 56] → `h6` of the same shape. They are always the same. */
export function builtInModel(): Uint8Array {
  const random = createRandom(WEIGHTS_SEED)
  const layers = Array.from({ length: LAYERS }, (_, layer) => layer)
  const graph: Field[] = [
    ...layers.flatMap((layer): Field[] => [
      [GRAPH.node, convolution(layer)],
      [GRAPH.node, relu(layer)]
    ]),
    [GRAPH.name, 'built-in'],
    ...layers.map((layer): Field => [GRAPH.initializer, weights(layer, random)]),
    [GRAPH.input, image(valueName(0))],
    [GRAPH.output, image(valueName(LAYERS))]
  ]
  return encodeMessage([
    [MODEL.irVersion, IR_VERSION],
    [MODEL.producerName, 'tailgate'],
    [MODEL.graph, encodeMessage(graph)],
    [
      MODEL.opsetImport,
      encodeMessage([
        [OPSET.domain, ''],
        [OPSET.version, OPSET_VERSION]
      ])
    ]
  ])
}

function valueName(layer: number): string {
  return layer === 0 ? 'x' : `h${layer}`
}

function convolution(layer: number): Uint8Array {
  const padding: Field[] = [
    [ATTRIBUTE.name, 'pads'],
    ...[1, 1, 1, 1].map((pixels): Field => [ATTRIBUTE.ints, pixels]),
    [ATTRIBUTE.type, ATTRIBUTE_INTS]
  ]
  return encodeMessage([
    [NODE.input, valueName(layer)],
    [NODE.input, `w${layer}`],
    [NODE.output, `c${layer}`],
    [NODE.opType, 'Conv'],
    [NODE.attribute, encodeMessage(padding)]
  ])
}

function relu(layer: number): Uint8Array {
  return encodeMessage([
    [NODE.input, `c${layer}`],
    [NODE.output, valueName(layer + 1)],
    [NODE.opType, 'Relu']
  ])
}

/** Uniform with variance 2 / fan-in, so that values neither vanish nor explode from layer to layer [He2015, 2.2]. */
function weights(layer: number, random: () => number): Uint8Array {
  const fanIn = CHANNELS * KERNEL * KERNEL
  const limit = Math.sqrt(6 / fanIn)
  const values = Array.from({ length: CHANNELS * fanIn }, () => (2 * random() - 1) * limit)
  return encodeMessage([
    ...[CHANNELS, CHANNELS, KERNEL, KERNEL].map((size): Field => [TENSOR.dims, size]),
    [TENSOR.dataType, FLOAT],
    [TENSOR.name, `w${layer}`],
    [TENSOR.rawData, encodeFloats(values)]
  ])
}

/** ValueInfoProto of one float32 image, [1, channels, pixels, pixels]. Types and shapes nest, each in its field 1 or 2. */
function image(name: string): Uint8Array {
  const dimensions = [1, CHANNELS, PIXELS, PIXELS].map((size): Field => [1, encodeMessage([[1, size]])])
  const tensorType = encodeMessage([
    [1, FLOAT],
    [2, encodeMessage(dimensions)]
  ])
  return encodeMessage([
    [VALUE.name, name],
    [VALUE.type, encodeMessage([[1, tensorType]])]
  ])
}
