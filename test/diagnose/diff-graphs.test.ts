import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GraphFacts } from '#contracts/graph.ts'
import { diffGraphs } from '#src/diagnose/diff-graphs.ts'
import type { GraphDiff } from '#src/diagnose/graph-diff.ts'
import { isQuantising } from '#src/diagnose/is-quantising.ts'
import { decoderModel } from '#test/fixtures/onnx/decoder-model.ts'
import { externalModel } from '#test/fixtures/onnx/external-model.ts'
import { perceptronVariant } from '#test/fixtures/onnx/perceptron-variants.ts'
import { readGraphFacts } from '#workers/onnx/read-graph-facts.ts'
import { node, tensorValue, writeModel } from '#workers/onnx/write-model.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-diff-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function factsOf(model: Uint8Array): GraphFacts {
  const file = join(folder, 'model.onnx')
  writeFileSync(file, model)
  const reading = readGraphFacts(file)
  if (reading.kind !== 'read') throw new Error(reading.problem)
  return reading.facts
}

function diff(baseline: Uint8Array, candidate: Uint8Array): GraphDiff {
  return diffGraphs(factsOf(baseline), factsOf(candidate))
}

const PLAIN = perceptronVariant()
const onnx = (type: string) => ({ domain: '', type })

describe('pairs of real files', () => {
  test('the same file: nothing', () => {
    expect(diff(PLAIN, PLAIN)).toEqual({
      sameNodes: true,
      nodes: { baseline: 13, candidate: 13 },
      changes: [],
      isPartial: false
    })
  })

  test('other weights: the same nodes', () => {
    expect(diff(PLAIN, perceptronVariant({ seed: 2 }))).toMatchObject({ sameNodes: true, changes: [] })
  })

  test('an operator that was replaced, node by node', () => {
    expect(diff(PLAIN, perceptronVariant({ activation: 'Erf' }))).toMatchObject({
      sameNodes: false,
      changes: [{ kind: 'nodes_retyped', from: onnx('Relu'), to: onnx('Erf'), nodes: 3 }]
    })
  })

  test('a node that was added', () => {
    const { changes, nodes } = diff(PLAIN, perceptronVariant({ extraNodes: 1 }))

    expect(nodes).toEqual({ baseline: 13, candidate: 14 })
    expect(changes).toEqual([{ kind: 'operator_added', operator: onnx('Sin'), nodes: { baseline: 0, candidate: 1 } }])
  })

  test('float against quantised', () => {
    const { changes } = diff(PLAIN, perceptronVariant({ weights: 'int8' }))

    expect(changes[0]).toEqual({ kind: 'quantisation', nodes: { baseline: 0, candidate: 9 } })
    expect(changes).toContainEqual({
      kind: 'operator_added',
      operator: onnx('QuantizeLinear'),
      nodes: { baseline: 0, candidate: 3 }
    })
    expect(changes).toContainEqual({
      kind: 'initializers',
      elementType: 'int8',
      totals: { baseline: { count: 1, bytes: 1 }, candidate: { count: 4, bytes: 49_153 } }
    })
    expect(changes).toContainEqual({
      kind: 'initializer_bytes',
      bytes: { baseline: 3 * 65_536 + 5, candidate: 3 * 16_384 + 5 }
    })
  })

  test('single against half precision', () => {
    const { changes } = diff(PLAIN, perceptronVariant({ weights: 'float16' }))

    expect(changes).toContainEqual({
      kind: 'initializers',
      elementType: 'float16',
      totals: { baseline: { count: 0, bytes: 0 }, candidate: { count: 3, bytes: 98_304 } }
    })
    expect(changes.some(({ kind }) => kind === 'quantisation')).toBe(false)
  })

  test('a layer more', () => {
    const { changes } = diff(decoderModel(), decoderModel({ layers: 3 }))

    expect(changes).toContainEqual({
      kind: 'operator_count',
      operator: onnx('Softmax'),
      nodes: { baseline: 2, candidate: 3 }
    })
    expect(changes).toContainEqual(
      expect.objectContaining({ kind: 'signature', which: 'input', name: 'past_key_values.2.key' })
    )
  })

  test('an input that is gone', () => {
    const { changes } = diff(decoderModel(), decoderModel({ positionIds: false }))

    expect(changes).toContainEqual(
      expect.objectContaining({
        kind: 'signature',
        name: 'position_ids',
        values: { baseline: expect.anything(), candidate: null }
      })
    )
  })

  test('another operator set, and one that is new', () => {
    const model = (opset: number, domains = {}) => writeModel({ nodes: [], inputs: [], outputs: [], opset, domains })

    expect(diff(model(15), model(17, { 'com.microsoft': 1 })).changes).toEqual([
      { kind: 'opset', domain: '', versions: { baseline: 15, candidate: 17 } },
      { kind: 'opset', domain: 'com.microsoft', versions: { baseline: null, candidate: 1 } }
    ])
  })

  test('another type of an input', () => {
    const model = (type: 'float32' | 'float16') =>
      writeModel({ nodes: [], inputs: [tensorValue('x', type, [1])], outputs: [] })

    expect(diff(model('float32'), model('float16')).changes).toMatchObject([
      { kind: 'signature', which: 'input', name: 'x' }
    ])
  })

  test('weights that moved to another file', () => {
    const { changes } = diff(writeModel({ nodes: [], inputs: [], outputs: [] }), externalModel({ width: 8 }).model)

    expect(changes).toContainEqual({ kind: 'external_bytes', bytes: { baseline: 0, candidate: 256 } })
  })
})

describe('hostile graphs', () => {
  const many = (count: number, first: string) =>
    writeModel({
      nodes: [
        node({ type: first, inputs: [], outputs: ['first'] }),
        ...Array.from({ length: count }, (_, index) => node({ type: `T${index}`, inputs: [], outputs: [`${index}`] }))
      ],
      inputs: [],
      outputs: []
    })

  test('an operator that is not listed is not said to be gone', () => {
    const { changes, isPartial } = diff(many(10, 'Zed'), many(2000, 'Zed'))

    expect(isPartial).toBe(true)
    expect(changes.filter(({ kind }) => kind === 'operator_removed')).toEqual([])
  })

  test('names that several nodes share are not taken for the same node', () => {
    const twice = (type: string) =>
      writeModel({
        nodes: [node({ type, inputs: [], outputs: ['y'] }), node({ type, inputs: [], outputs: ['y'] })],
        inputs: [],
        outputs: []
      })

    expect(diff(twice('Sin'), twice('Cos')).changes.map(({ kind }) => kind)).toEqual([
      'operator_added',
      'operator_removed'
    ])
  })
})

test.each([
  ['QuantizeLinear', true],
  ['DequantizeLinear', true],
  ['DynamicQuantizeLinear', true],
  ['QLinearConv', true],
  ['MatMulInteger', true],
  ['MatMulIntegerToFloat', true],
  ['MatMulNBits', true],
  ['DynamicQuantizeMatMul', true],
  ['MatMul', false],
  ['Quantile', false],
  ['QrDecomposition', false]
])('%s quantises: %s', (type, expected) => {
  expect(isQuantising({ type })).toBe(expected)
})
