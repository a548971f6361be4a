import { expect, test } from 'vitest'
import { crashingModel } from '#test/fixtures/onnx/write-model.ts'
import { builtInModel } from '#workers/calibration/built-in-model.ts'
import { probeRuntime } from '#workers/device/probe-runtime.ts'
import { findBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'

const bubblewrap = await findBubblewrap()

test('the runtime of this installation works', async () => {
  expect(await probeRuntime({ model: builtInModel(), bubblewrap: null })).toEqual({ kind: 'works' })
})

test.skipIf(bubblewrap === null)('it works in the sandbox too (needs bubblewrap)', async () => {
  expect(await probeRuntime({ model: builtInModel(), bubblewrap })).toEqual({ kind: 'works' })
})

test('what is wrong is said in one line', async () => {
  const probe = await probeRuntime({ model: crashingModel(), bubblewrap: null })

  expect(probe).toMatchObject({ kind: 'fails', reason: 'Error: Only float32 tensors can be fed here.' })
})

test('a file that is no model is refused by the runtime itself', async () => {
  const probe = await probeRuntime({ model: new Uint8Array(100), bubblewrap: null })

  expect(probe).toMatchObject({ kind: 'fails', reason: expect.stringMatching(/^Error: .*[Pp]rotobuf/) })
})
