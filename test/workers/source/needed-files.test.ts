import { expect, test } from 'vitest'
import type { CaseSpec } from '#contracts/case.ts'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { caseSpec } from '#test/fixtures/measuring/small-job.ts'
import { listCheckouts, listNeededFiles } from '#workers/source/needed-files.ts'

const RECORDED = { ...INFERRED_INPUTS, recorded: [{ path: 'samples/a.npz', input: null }] }

function variant(): CaseSpec {
  const spec = caseSpec('variant')
  return {
    ...spec,
    baseline: { ...spec.baseline, modelPath: 'fp32.onnx', checkout: 'candidate' },
    candidate: { ...spec.candidate, modelPath: 'int8.onnx', inputs: RECORDED }
  }
}

function ordinary(): CaseSpec {
  const spec = caseSpec('ordinary')
  return {
    ...spec,
    baseline: { ...spec.baseline, modelPath: 'old.onnx' },
    candidate: { ...spec.candidate, modelPath: 'fp32.onnx' }
  }
}

test('lists models and recorded samples by the checkout that they come from, each once', () => {
  const needed = listNeededFiles([ordinary(), variant(), ordinary()])

  expect(needed.baseline).toEqual({ paths: ['old.onnx'], modelPaths: ['old.onnx'] })
  expect(needed.candidate.modelPaths.toSorted()).toEqual(['fp32.onnx', 'int8.onnx'])
  expect(needed.candidate.paths.toSorted()).toEqual(['fp32.onnx', 'int8.onnx', 'samples/a.npz'])
})

test('takes labelled samples from the base, whatever the candidate has', () => {
  const samples = [{ path: 'labelled/a.npy', input: null }]
  const accuracy = { metric: 'top1', output: null, samples, labels: 'labels.json', maxDrop: 0.01 } as const

  const needed = listNeededFiles([{ ...ordinary(), accuracy: { ...accuracy, samples } }])

  expect(needed.baseline.paths).toEqual(['old.onnx', 'labelled/a.npy', 'labels.json'])
  expect(needed.candidate.paths).toEqual(['fp32.onnx'])
})

test('names the checkouts that a side has to see', () => {
  expect(listCheckouts([ordinary()], 'baseline')).toEqual(['baseline'])
  expect(listCheckouts([variant()], 'baseline')).toEqual(['candidate'])
  expect(listCheckouts([ordinary(), variant()], 'baseline').toSorted()).toEqual(['baseline', 'candidate'])
  expect(listCheckouts([ordinary(), variant()], 'candidate')).toEqual(['candidate'])
})
