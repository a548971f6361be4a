import { describe, expect, test } from 'vitest'
import { externalDataPath } from '#workers/source/external-data-path.ts'

describe('externalDataPath', () => {
  test.each([
    ['models/a.onnx', 'a.onnx.data', 'models/a.onnx.data'],
    ['a.onnx', 'a.onnx_data', 'a.onnx_data'],
    ['models/a.onnx', './weights/w 1.bin', 'models/weights/w 1.bin'],
    ['models/a.onnx', 'x//y', 'models/x/y']
  ])('of %s and %s is %s', (model, location, path) => {
    expect(externalDataPath(model, location)).toBe(path)
  })

  test.each([
    '/etc/passwd',
    '../a.bin',
    'sub/../../a.bin',
    'sub/../a.bin',
    '..\\a.bin',
    '..',
    '.',
    'folder/',
    'a\0b',
    'a\nb',
    'x'.repeat(2000),
    ''
  ])('refuses %j', (location) => {
    expect(externalDataPath('models/a.onnx', location)).toBeNull()
  })
})
