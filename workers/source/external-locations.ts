import onnxProto, { type onnx as Onnx } from 'onnx-proto'

/** Key of an entry of `TensorProto.external_data` [onnx/onnx.proto]. */
const LOCATION = 'location'

/**
 * The files that initialisers and constants of a model keep their values in, as the model names them: relative to its folder,
 * each once, in the order of their first use. They are whatever a stranger wrote.
 *
 * @throws an Error when the bytes are no ONNX model
 */
export function readExternalLocations(model: Uint8Array): readonly string[] {
  const { graph, functions } = onnxProto.onnx.ModelProto.decode(model)
  const locations = new Set<string>()
  if (graph) addGraph(graph, locations)
  for (const { node } of functions ?? []) addNodes(node ?? [], locations)
  return [...locations]
}

function addGraph(graph: Onnx.IGraphProto, locations: Set<string>): void {
  for (const tensor of graph.initializer ?? []) addTensor(tensor, locations)
  for (const tensor of graph.sparseInitializer ?? []) addSparseTensor(tensor, locations)
  addNodes(graph.node ?? [], locations)
}

/** Bodies of loops and branches are attributes, and hold initialisers of their own. */
function addNodes(nodes: readonly Onnx.INodeProto[], locations: Set<string>): void {
  for (const attribute of nodes.flatMap(({ attribute }) => attribute ?? [])) {
    for (const tensor of listOf(attribute.t, attribute.tensors)) addTensor(tensor, locations)
    for (const tensor of listOf(attribute.sparseTensor, attribute.sparseTensors)) addSparseTensor(tensor, locations)
    for (const graph of listOf(attribute.g, attribute.graphs)) addGraph(graph, locations)
  }
}

function addSparseTensor({ values, indices }: Onnx.ISparseTensorProto, locations: Set<string>): void {
  if (values) addTensor(values, locations)
  if (indices) addTensor(indices, locations)
}

function addTensor({ externalData }: Onnx.ITensorProto, locations: Set<string>): void {
  for (const { key, value } of externalData ?? []) {
    if (key === LOCATION && value) locations.add(value)
  }
}

function listOf<Item>(one: Item | null | undefined, more: readonly Item[] | null | undefined): readonly Item[] {
  return [...(one ? [one] : []), ...(more ?? [])]
}
