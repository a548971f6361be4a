/**
 * Loads the model given and runs it once. A process of its own: what is wrong with the runtime may crash it.
 *
 * Arguments: the model, then (optional) what {@link TrySettings} says, as JSON.
 */
import type { SessionSpec } from '#contracts/session.ts'
import { importEngine } from '#workers/side/import-engine.ts'
import { sessionOptions } from '#workers/side/session-options.ts'

export interface TrySettings {
  /** Null: as onnxruntime-node has it. */
  readonly session: SessionSpec | null
  /** See `importEngine`. */
  readonly engineDirectory: string | null
}

const [model = '', settings = '{"session": null, "engineDirectory": null}'] = process.argv.slice(2)
const { session: spec, engineDirectory }: TrySettings = JSON.parse(settings)
const engine = importEngine(engineDirectory)
const session = await engine.InferenceSession.create(model, spec === null ? {} : sessionOptions(spec))
const feeds: Record<string, InstanceType<typeof engine.Tensor>> = {}
for (const input of session.inputMetadata) {
  if (!input.isTensor || input.type !== 'float32') throw new Error('Only float32 tensors can be fed here.')
  const shape = input.shape.map((size) => (typeof size === 'number' ? size : 1))
  const length = shape.reduce((product, size) => product * size, 1)
  feeds[input.name] = new engine.Tensor('float32', new Float32Array(length).fill(1), shape)
}
const outputs = await session.run(feeds)
const [output] = Object.values(outputs)
if (output === undefined || !('size' in output) || output.size === 0) throw new Error('The model gave no output.')
process.stdout.write('ran\n')
