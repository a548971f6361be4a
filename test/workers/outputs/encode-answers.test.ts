import { Tensor } from 'onnxruntime-common'
import { expect, test } from 'vitest'
import { decodeOutputs } from '#workers/outputs/decode-outputs.ts'
import { encodeAnswers } from '#workers/outputs/encode-answers.ts'

test('tensors arrive in their order', () => {
  const encoded = encodeAnswers(
    {
      scores: new Tensor('float32', Float32Array.of(1, 2), [1, 2]),
      names: new Tensor('string', ['cat'], [1]),
      flags: new Tensor('bool', [true, false], [2])
    },
    [4]
  )
  const decoded = encoded.ok ? decodeOutputs(Buffer.concat(encoded.pieces)) : null
  expect(decoded).toEqual({
    ok: true,
    run: {
      tokens: [4],
      outputs: [
        { name: 'scores', type: 'float32', dims: [1, 2], values: Float32Array.of(1, 2) },
        { name: 'names', type: 'string', dims: [1], values: ['cat'] },
        { name: 'flags', type: 'bool', dims: [2], values: Uint8Array.of(1, 0) }
      ]
    }
  })
})

test.each([
  ['nothing', null],
  ['a sequence', [1, 2]],
  ['an unknown element type', { type: 'bfloat16', dims: [1], data: new Uint16Array(1) }],
  ['a type that every object has', { type: 'constructor', dims: [1], data: new Uint16Array(1) }],
  ['a tensor without dimensions', { type: 'float32', data: new Float32Array(1) }],
  ['a tensor whose elements are elsewhere', { type: 'float32', dims: [1], data: undefined }]
])('%s is refused by name', (_, answer) => {
  expect(encodeAnswers({ y: answer }, null)).toEqual({
    ok: false,
    message: 'Output `y` is no tensor that can be compared.'
  })
})
