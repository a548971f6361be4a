/** Loads the model given and runs it once. A process of its own: what is wrong with the runtime may crash it. */
import { InferenceSession, Tensor } from 'onnxruntime-node'

const session = await InferenceSession.create(process.argv[2] ?? '')
const feeds: Record<string, Tensor> = {}
for (const input of session.inputMetadata) {
  if (!input.isTensor || input.type !== 'float32') throw new Error('Only float32 tensors can be fed here.')
  const shape = input.shape.map((size) => (typeof size === 'number' ? size : 1))
  const length = shape.reduce((product, size) => product * size, 1)
  feeds[input.name] = new Tensor('float32', new Float32Array(length).fill(1), shape)
}
const outputs = await session.run(feeds)
const [output] = Object.values(outputs)
if (output === undefined || output.size === 0) throw new Error('The model gave no output.')
process.stdout.write('ran\n')
