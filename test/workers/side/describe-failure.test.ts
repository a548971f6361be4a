import { describe, expect, test } from 'vitest'
import { describeInferenceFailure, describeLoadFailure, quoteError } from '#workers/side/describe-failure.ts'

const MODEL = { modelFile: '/work/job-1/baseline-2/models/a.onnx', modelPath: 'models/a.onnx' }

describe('quoteError', () => {
  test('leaves out build paths, C++ signatures, line breaks and where the checkout lies', () => {
    const error = new Error(
      `Load model from ${MODEL.modelFile} failed:/onnxruntime_src/onnxruntime/core/graph/model.cc:187 onnxruntime::Model::Model(onnx::ModelProto&&, const Ort::List*) ModelProto does not have a graph.\n`
    )

    expect(quoteError(error, MODEL)).toBe('ModelProto does not have a graph.')
  })

  test('cuts what is too long to read', () => {
    expect(quoteError(new Error('x'.repeat(100_000)), MODEL).length).toBeLessThanOrEqual(400)
  })
})

describe('describeLoadFailure', () => {
  test('names the value whose element type is unknown', () => {
    const failure = describeLoadFailure(new Error('Unsupported data type: 16'), MODEL, [
      { name: 'x', role: 'Input', type: 1 },
      { name: 'y', role: 'Output', type: 16 }
    ])

    expect(failure.code).toBe('input_unsupported')
    expect(failure.message).toMatch(/^Output `y` of `models\/a.onnx` has the element type bfloat16/)
  })

  test.each([
    [
      'This session contains graph nodes that are assigned to the default CPU EP, but fallback to CPU EP has been explicitly disabled by the user.',
      '`models/a.onnx` has operators that cuda cannot run, and the session forbids to run them on the processor.'
    ],
    [
      'OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library',
      '`models/a.onnx` cannot be loaded with cuda, which does not work here: OrtSessionOptionsAppendExecutionProvider_Cuda: Failed to load shared library.'
    ]
  ])('the session is told apart from the file: %s', (text, message) => {
    const model = { ...MODEL, session: { executionProvider: 'cuda' } as const }

    expect(describeLoadFailure(new Error(text), model, []).message).toBe(message)
  })

  test('a failed allocation is a lack of memory, not a broken model', () => {
    expect(describeLoadFailure(new Error('std::bad_alloc'), MODEL, []).code).toBe('out_of_memory')
  })
})

describe('describeInferenceFailure', () => {
  test('puts what the model takes beside what it was fed', () => {
    const fed = [{ name: 'x', type: 'float32', shape: [1, 3] }]
    const failure = describeInferenceFailure(new Error('Got invalid dimensions'), MODEL, 'x: float32[batch, 4]', fed)

    expect(failure.code).toBe('inference_failed')
    expect(failure.message).toContain('The model takes x: float32[batch, 4]; it was fed x: float32[1, 3].')
  })

  test('stays within the contract whatever the model calls its inputs', () => {
    const fed = [{ name: 'x'.repeat(500), type: 'float32', shape: [1] }]
    const failure = describeInferenceFailure(new Error('e'.repeat(9000)), MODEL, 'y'.repeat(9000), fed)

    expect(failure.message.length).toBeLessThanOrEqual(4000)
  })
})
