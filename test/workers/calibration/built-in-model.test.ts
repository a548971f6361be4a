import { createHash } from 'node:crypto'
import onnxProto from 'onnx-proto'
import { expect, test } from 'vitest'
import { BUILT_IN_SHA256 } from '#workers/calibration/built-in-case.ts'
import { builtInModel } from '#workers/calibration/built-in-model.ts'

test('its bytes never change: calibrations of different days are compared', () => {
  const sha256 = createHash('sha256').update(builtInModel()).digest('hex')

  expect(sha256).toBe(BUILT_IN_SHA256)
})

test("onnx's own schema reads it", () => {
  const model = onnxProto.onnx.ModelProto.decode(builtInModel())

  expect(model.graph?.node?.map(({ opType }) => opType)).toEqual(
    Array.from({ length: 6 }, () => ['Conv', 'Relu']).flat()
  )
  expect(model.graph?.initializer).toHaveLength(6)
  expect(model.graph?.initializer?.[0]?.rawData).toHaveLength(4 * 16 * 16 * 3 * 3)
  expect(model.opsetImport.map(({ version }) => Number(version))).toEqual([15])
})
