import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { caseSpec } from '#test/fixtures/measuring/small-job.ts'
import { createSidePreparer } from '#workers/prepare/prepare-side.ts'

let checkouts = { baseline: '', candidate: '' }

beforeEach(async () => {
  checkouts = {
    baseline: await mkdtemp(join(tmpdir(), 'tailgate-baseline-')),
    candidate: await mkdtemp(join(tmpdir(), 'tailgate-candidate-'))
  }
})

afterEach(() => Promise.all(Object.values(checkouts).map((folder) => rm(folder, { recursive: true }))))

test('the original of a variant that is missing is missing in the commit of the candidate, where it is looked for', async () => {
  const prepareSide = createSidePreparer({
    checkouts,
    lfsProblems: { baseline: [], candidate: [] },
    listExternalData: () => async () => ({ kind: 'listed', locations: [] }),
    resolveEngine: async () => ({ kind: 'own' })
  })
  const { signal } = new AbortController()
  const original = { ...caseSpec('mlp').baseline, checkout: 'candidate' } as const

  const prepared = await prepareSide('baseline', original, signal)

  expect(prepared).toMatchObject({
    kind: 'failed',
    failure: {
      code: 'model_missing',
      side: 'candidate',
      message: '`models/mlp.onnx` is not in the candidate commit.'
    }
  })
})
