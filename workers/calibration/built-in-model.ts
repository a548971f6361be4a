import type { onnx as Onnx } from 'onnx-proto'
import { node, tensor, tensorValue, writeModel } from '#workers/onnx/write-model.ts'
import { createRandom } from '#workers/side/random-numbers.ts'

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
const IMAGE = [1, CHANNELS, PIXELS, PIXELS]

/** The bytes of the file, about 56 kB: `x` [1, 16, 56, 56] → `h6` of the same shape. They are always the same. */
export function builtInModel(): Uint8Array {
  const random = createRandom(WEIGHTS_SEED)
  const layers = Array.from({ length: LAYERS }, (_, layer) => layer)
  return writeModel({
    name: 'built-in',
    nodes: layers.flatMap((layer) => [convolution(layer), relu(layer)]),
    initializers: layers.map((layer) => weights(layer, random)),
    inputs: [tensorValue(valueName(0), 'float32', IMAGE)],
    outputs: [tensorValue(valueName(LAYERS), 'float32', IMAGE)]
  })
}

function valueName(layer: number): string {
  return layer === 0 ? 'x' : `h${layer}`
}

function convolution(layer: number): Onnx.INodeProto {
  return node({
    type: 'Conv',
    inputs: [valueName(layer), `w${layer}`],
    outputs: [`c${layer}`],
    attributes: { pads: { ints: [1, 1, 1, 1] } }
  })
}

function relu(layer: number): Onnx.INodeProto {
  return node({ type: 'Relu', inputs: [`c${layer}`], outputs: [valueName(layer + 1)] })
}

/** Uniform with variance 2 / fan-in, so that values neither vanish nor explode from layer to layer [He2015, 2.2]. */
function weights(layer: number, random: () => number): Onnx.ITensorProto {
  const fanIn = CHANNELS * KERNEL * KERNEL
  const limit = Math.sqrt(6 / fanIn)
  const values = Float32Array.from({ length: CHANNELS * fanIn }, () => (2 * random() - 1) * limit)
  return tensor(`w${layer}`, 'float32', [CHANNELS, CHANNELS, KERNEL, KERNEL], values)
}
