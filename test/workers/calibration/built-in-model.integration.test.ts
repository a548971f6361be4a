import { InferenceSession, Tensor } from 'onnxruntime-node'
import { expect, test } from 'vitest'
import { builtInModel } from '#workers/calibration/built-in-model.ts'

test('ONNX Runtime loads the built-in model, and values neither vanish nor explode in it', async () => {
  const session = await InferenceSession.create(builtInModel())
  const values = Float32Array.from({ length: 16 * 56 * 56 }, (_, index) => Math.sin(index))

  const { h6 } = await session.run({ x: new Tensor('float32', values, [1, 16, 56, 56]) })

  if (!(h6?.data instanceof Float32Array)) throw new Error('The output is no float32 tensor.')
  const outputs = [...h6.data]
  expect(h6.dims).toEqual([1, 16, 56, 56])
  expect(Math.max(...outputs)).toBeGreaterThan(0.01)
  expect(Math.max(...outputs)).toBeLessThan(100)
})
