import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import onnxProto from 'onnx-proto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type GraphFacts, GraphReading, MAX_LISTED_NODES, MAX_LISTED_OPERATORS } from '#contracts/graph.ts'
import { decoderModel } from '#test/fixtures/onnx/decoder-model.ts'
import { dynamicModel } from '#test/fixtures/onnx/dynamic-model.ts'
import { externalModel } from '#test/fixtures/onnx/external-model.ts'
import { perceptronVariant } from '#test/fixtures/onnx/perceptron-variants.ts'
import { lfsPointer, perceptronModel, truncatedModel } from '#test/fixtures/onnx/write-model.ts'
import { readGraphFacts } from '#workers/onnx/read-graph-facts.ts'
import { graph, node, tensorValue, writeModel } from '#workers/onnx/write-model.ts'

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-graph-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Parsed as the supervisor parses it: whatever the file was, the bounds hold. */
function read(model: Uint8Array | string): GraphReading {
  const file = join(folder, 'model.onnx')
  writeFileSync(file, model)
  return GraphReading.parse(readGraphFacts(file))
}

function factsOf(model: Uint8Array): GraphFacts {
  const reading = read(model)
  if (reading.kind !== 'read') throw new Error(reading.problem)
  return reading.facts
}

function problemOf(model: Uint8Array | string): string {
  const reading = read(model)
  if (reading.kind !== 'unreadable') throw new Error('It was read.')
  return reading.problem
}

function countOf({ operators }: GraphFacts, type: string): number | undefined {
  return operators.find((operator) => operator.type === type)?.count
}

describe('a sound model', () => {
  test('tells its signature', () => {
    const { inputs, outputs } = factsOf(decoderModel())

    expect(inputs.slice(0, 4)).toEqual([
      { name: 'input_ids', elementType: 'int64', shape: ['batch_size', 'sequence_length'] },
      { name: 'attention_mask', elementType: 'int64', shape: ['batch_size', 'past_sequence_length + sequence_length'] },
      { name: 'position_ids', elementType: 'int64', shape: ['batch_size', 'sequence_length'] },
      {
        name: 'past_key_values.0.key',
        elementType: 'float32',
        shape: ['batch_size', 2, 'past_sequence_length', 16]
      }
    ])
    expect(outputs.map(({ name }) => name)).toEqual([
      'logits',
      'present.0.key',
      'present.0.value',
      'present.1.key',
      'present.1.value'
    ])
  })

  test('tells its operators, versions and origin', () => {
    const facts = factsOf(perceptronVariant())

    expect(facts).toMatchObject({
      irVersion: 8,
      producer: { name: 'tailgate-tests', version: '' },
      opsets: [{ domain: '', version: 17 }],
      nodes: 13,
      unlistedNodes: 0
    })
    expect(facts.operators).toEqual([
      { domain: '', type: 'Identity', count: 7 },
      { domain: '', type: 'MatMul', count: 3 },
      { domain: '', type: 'Relu', count: 3 }
    ])
  })

  test('tells the bytes of its initialisers by element type', () => {
    expect(factsOf(perceptronModel({ rows: 1, width: 8, layers: 3 })).initializers).toEqual([
      { elementType: 'float32', count: 3, bytes: 3 * 8 * 8 * 4 }
    ])
    expect(factsOf(perceptronVariant({ weights: 'int8' })).initializers).toEqual([
      { elementType: 'float32', count: 1, bytes: 4 },
      { elementType: 'int8', count: 4, bytes: 1 + 3 * 128 * 128 }
    ])
  })

  test('has nodes inside loops and branches, and values in Constant nodes', () => {
    const facts = factsOf(dynamicModel())

    expect(countOf(facts, 'Gather')).toBe(1)
    expect(countOf(facts, 'Constant')).toBe(2)
    expect(facts.nodes).toBe(10 + 3 + 2)
    expect(facts.initializers).toContainEqual({ elementType: 'float32', count: 3, bytes: 12 })
  })

  test('tells what stands in other files without opening them', () => {
    const facts = factsOf(externalModel({ width: 32, location: '../../etc/shadow' }).model)

    expect(facts.external).toEqual({ tensors: 1, bytes: 4096, files: 1 })
    expect(facts.initializers).toEqual([{ elementType: 'float32', count: 1, bytes: 4096 }])
  })

  test('of an old version lists its initialisers as inputs, which nobody feeds', () => {
    const model = onnxProto.onnx.ModelProto.encode({
      irVersion: 3,
      graph: {
        input: [tensorValue('x', 'float32', [1]), tensorValue('w', 'float32', [1])],
        initializer: [{ name: 'w', dims: [1], dataType: 1, rawData: new Uint8Array(4) }]
      }
    }).finish()

    expect(factsOf(model).inputs.map(({ name }) => name)).toEqual(['x'])
  })

  test('of a size that is not packed is read too', () => {
    // dims (field 1) as ONNX's own Python writes them: one varint each. 1 = float32, inside graph, inside model.
    const tensor = [0x08, 2, 0x08, 3, 0x10, 1]
    const graphBytes = [0x2a, tensor.length, ...tensor]
    const model = Uint8Array.from([0x08, 8, 0x3a, graphBytes.length, ...graphBytes])

    expect(factsOf(model).initializers).toEqual([{ elementType: 'float32', count: 1, bytes: 24 }])
  })
})

describe('the digest of the nodes', () => {
  test('stays when only weights change', () => {
    const [one, other] = [factsOf(perceptronVariant()), factsOf(perceptronVariant({ seed: 2 }))]

    expect(other).toEqual(one)
  })

  test.each([
    ['an operator', perceptronVariant({ activation: 'Tanh' })],
    ['a node', perceptronVariant({ extraNodes: 1 })],
    ['an attribute', perceptronVariant({ weights: 'float16' })]
  ])('changes with %s', (_what, model) => {
    expect(factsOf(model).nodesSha256).not.toBe(factsOf(perceptronVariant()).nodesSha256)
  })

  test('changes with an operator inside a loop', () => {
    const loop = (type: string) =>
      writeModel({
        nodes: [node({ type: 'Loop', inputs: [], outputs: [], attributes: { body: { graph: bodyOf(type) } } })],
        inputs: [],
        outputs: []
      })

    expect(factsOf(loop('Sin')).nodesSha256).not.toBe(factsOf(loop('Cos')).nodesSha256)
  })
})

function bodyOf(type: string) {
  return graph({ nodes: [node({ type, inputs: ['x'], outputs: ['y'] })], inputs: [], outputs: [] })
}

describe('a broken file', () => {
  test.each([
    ['is cut off', truncatedModel(), /reaches beyond the end|cut off/],
    ['is a Git LFS pointer', lfsPointer(), /./],
    ['is empty', new Uint8Array(0), /holds no graph/],
    ['is full of zeros', new Uint8Array(1000), /holds no graph|no field/],
    ['is full of ones', new Uint8Array(1000).fill(255), /no whole number/]
  ])('that %s gives a problem', (_what, model, problem) => {
    expect(problemOf(model)).toMatch(problem)
  })

  test('that is not there gives a problem', () => {
    expect(readGraphFacts(join(folder, 'none.onnx'))).toEqual({
      kind: 'unreadable',
      problem: 'It cannot be read (ENOENT).'
    })
    expect(readGraphFacts(folder)).toMatchObject({ kind: 'unreadable' })
  })

  test('never throws and never breaks the bounds, whichever bytes are wrong', () => {
    const sound = decoderModel()
    const dynamic = dynamicModel()
    fc.assert(
      fc.property(
        fc.boolean(),
        fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 20 }),
        fc.nat(),
        (which, changes, cut) => {
          const model = Uint8Array.from(which ? sound : dynamic)
          for (const [at, byte] of changes) model[at % Math.min(model.length, 6000)] = byte
          read(cut % 3 === 0 ? model.subarray(0, cut % model.length) : model)
        }
      ),
      { numRuns: 300 }
    )
  })
})

describe('a hostile file', () => {
  test('keeps its names, cut to a bound', () => {
    const name = `# <b>\u0001\n| "\\ \u202e${'x'.repeat(10_000)}`
    const { operators, inputs } = factsOf(
      writeModel({
        nodes: [node({ type: name, domain: name, inputs: [name], outputs: [name] })],
        inputs: [tensorValue(name, 'float32', [name])],
        outputs: []
      })
    )

    expect(operators).toEqual([{ domain: name.slice(0, 200), type: name.slice(0, 200), count: 1 }])
    expect(inputs).toEqual([{ name: name.slice(0, 200), elementType: 'float32', shape: [name.slice(0, 200)] }])
  })

  test('gets no NUL and no half character through, which Postgres would refuse', () => {
    const { operators } = factsOf(
      writeModel({
        nodes: [
          node({ type: 'a\0b', inputs: [], outputs: [] }),
          node({ type: `${'x'.repeat(199)}😀`, inputs: [], outputs: [] })
        ],
        inputs: [],
        outputs: []
      })
    )

    expect(operators.map(({ type }) => type)).toEqual(['a\ufffdb', `${'x'.repeat(199)}\ufffd`])
  })

  test('with thousands of operators has some of them listed and the others counted', () => {
    const nodes = Array.from({ length: 5000 }, (_, index) =>
      node({ type: `Type${index}`, inputs: [], outputs: [`${index}`] })
    )
    const facts = factsOf(writeModel({ nodes, inputs: [], outputs: [] }))

    expect(facts.operators).toHaveLength(MAX_LISTED_OPERATORS)
    expect(facts.nodes).toBe(5000)
    expect(facts.unlistedNodes).toBe(5000 - MAX_LISTED_OPERATORS)
    expect(facts.identities).toBeNull()
  })

  test('with as many nodes as are listed has all of them', () => {
    const nodes = Array.from({ length: MAX_LISTED_NODES }, (_, index) =>
      node({ type: 'Sin', inputs: [], outputs: [`${index}`] })
    )

    expect(factsOf(writeModel({ nodes, inputs: [], outputs: [] })).identities).toHaveLength(MAX_LISTED_NODES)
  })

  test('of graphs inside each other is left at a depth', () => {
    let inner = bodyOf('Sin')
    for (let depth = 0; depth < 60; depth += 1) {
      const loop = node({ type: 'Loop', inputs: [], outputs: [], attributes: { body: { graph: inner } } })
      inner = graph({ nodes: [loop], inputs: [], outputs: [] })
    }

    expect(problemOf(writeModel({ nodes: inner.node ?? [], inputs: [], outputs: [] }))).toContain('inside each other')
  })

  test('of millions of empty nodes is given up', () => {
    const nodes = new Uint8Array(2 * 1_000_001).map((_, index) => (index % 2 === 0 ? 0x0a : 0))
    const header = Buffer.from([0x3a, 0, 0, 0, 0])
    for (let index = 0, rest = nodes.length; index < 4; index += 1, rest = rest >> 7) {
      header[index + 1] = (rest & 0x7f) | (index < 3 ? 0x80 : 0)
    }

    expect(problemOf(Buffer.concat([header, nodes]))).toBe('It has more than 1000000 nodes.')
  })

  test('that claims enormous tensors adds up to a number', () => {
    const { initializers } = factsOf(
      writeModel({
        nodes: [],
        inputs: [],
        outputs: [],
        initializers: [
          { name: 'w', dims: [2 ** 50, 2 ** 50, 2 ** 50], dataType: 1 },
          { name: 'v', dims: [-5], dataType: 12_345 }
        ]
      })
    )

    expect(initializers).toEqual([
      { elementType: 'float32', count: 1, bytes: 4 * Number.MAX_SAFE_INTEGER },
      { elementType: 'unknown (12345)', count: 1, bytes: 0 }
    ])
  })
})
