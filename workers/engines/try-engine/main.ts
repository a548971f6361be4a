// Loads the onnxruntime-node that is installed in the folder of the first argument, computes once with the model of the second,
// and prints the version as JSON. A process of its own, in the sandbox: what is wrong with an engine may crash it.
import { createRequire } from 'node:module'
import type * as OnnxRuntime from 'onnxruntime-node'

const [engineDirectory = '', modelFile = ''] = process.argv.slice(2)
const load = createRequire(`${engineDirectory}/package.json`)
const { version }: { readonly version: unknown } = load('onnxruntime-node/package.json')
const { InferenceSession, Tensor }: typeof OnnxRuntime = load('onnxruntime-node')

const session = await InferenceSession.create(modelFile, { intraOpNumThreads: 1, interOpNumThreads: 1 })
const shape = [1, 16, 56, 56]
if (session.inputMetadata?.[0]?.name !== 'x') throw new Error('It does not tell the inputs of a model.')
const values = new Float32Array(shape.reduce((product, size) => product * size, 1)).fill(1)
const { h6 } = await session.run({ x: new Tensor('float32', values, shape) })
if (h6 === undefined || h6.size !== values.length) throw new Error('The model gave no output.')
process.stdout.write(JSON.stringify({ version }))
