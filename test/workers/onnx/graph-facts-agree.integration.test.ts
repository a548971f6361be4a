import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import onnxProto, { type onnx as Onnx } from 'onnx-proto'
import { InferenceSession } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GraphFacts, GraphReading } from '#contracts/graph.ts'
import { attentionModel } from '#test/fixtures/onnx/attention-model.ts'
import { cnnModel } from '#test/fixtures/onnx/cnn-model.ts'
import { decoderModel } from '#test/fixtures/onnx/decoder-model.ts'
import { dynamicModel } from '#test/fixtures/onnx/dynamic-model.ts'
import { perceptronVariant } from '#test/fixtures/onnx/perceptron-variants.ts'
import { readGraphFacts } from '#workers/onnx/read-graph-facts.ts'

const SILERO = resolve(import.meta.dirname, '../../../node_modules/@ricky0123/vad-web/dist')

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-agree-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function factsOf(model: Uint8Array): GraphFacts {
  const file = join(folder, 'model.onnx')
  writeFileSync(file, model)
  const reading = GraphReading.parse(readGraphFacts(file))
  if (reading.kind !== 'read') throw new Error(reading.problem)
  return reading.facts
}

/** Counted with the whole file in memory. */
function countNodes(graph: Onnx.IGraphProto, counts = new Map<string, number>()): Map<string, number> {
  for (const { opType, attribute } of graph.node ?? []) {
    counts.set(opType ?? '', (counts.get(opType ?? '') ?? 0) + 1)
    for (const { g } of attribute ?? []) if (g) countNodes(g, counts)
  }
  return counts
}

describe.each([
  ['Silero VAD v5', readFileSync(join(SILERO, 'silero_vad_v5.onnx'))],
  ['Silero VAD, the older one', readFileSync(join(SILERO, 'silero_vad_legacy.onnx'))],
  ['the decoder', decoderModel()],
  ['the image classifier', cnnModel()],
  ['the attention block', attentionModel()],
  ['a quantised perceptron', perceptronVariant({ weights: 'int8' })],
  ['operators of dynamic shape', dynamicModel()]
])('%s', (_name, model: Uint8Array) => {
  test('has the signature that ONNX Runtime sees', async () => {
    const session = await InferenceSession.create(model, { logSeverityLevel: 4 })
    const { inputs, outputs } = factsOf(model)

    expect(inputs.map(({ name, elementType }) => [name, elementType])).toEqual(
      session.inputMetadata.map((input) => [input.name, input.isTensor ? input.type : 'other'])
    )
    expect(outputs.map(({ name }) => name)).toEqual([...session.outputNames])
  })

  test('has the operators that ONNX’s own schema reads', () => {
    const graph = onnxProto.onnx.ModelProto.decode(model).graph
    if (!graph) throw new Error('It has no graph.')

    const counted = factsOf(model).operators.map(({ type, count }) => [type, count])
    expect(counted.toSorted()).toEqual([...countNodes(graph)].toSorted())
  })
})
