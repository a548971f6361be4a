import type { SessionSpec } from '#contracts/session.ts'
import type { FedInput, SideFailure } from './protocol.ts'

/** Longest part of ONNX Runtime's own message that is repeated, in characters. */
const MAX_QUOTED_LENGTH = 400

/** Element types by their number in ONNX's `TensorProto.DataType` (onnx.proto3); those ONNX Runtime for Node.js lacks. */
const ONNX_TYPES: Readonly<Record<number, string>> = {
  14: 'complex64',
  15: 'complex128',
  16: 'bfloat16',
  17: 'float8e4m3fn',
  18: 'float8e4m3fnuz',
  19: 'float8e5m2',
  20: 'float8e5m2fnuz',
  21: 'uint4',
  22: 'int4',
  23: 'float4e2m1'
}

const SUPPORTED = 'float32, float64, float16, int8, uint8, int16, uint16, int32, uint32, int64, uint64, bool and string'

/** An input or output as the native binding lists it before the JavaScript layer looks at its type. */
export interface RawValue {
  readonly name: string
  readonly role: 'Input' | 'Output'
  readonly type: number
}

/** What was loaded, for messages. */
export interface LoadedModel {
  readonly modelFile: string
  readonly modelPath: string
  readonly session?: Pick<SessionSpec, 'executionProvider'>
}

/** Names an ONNX element type by its number. */
function onnxTypeName(type: number): string {
  return ONNX_TYPES[type] ?? `ONNX type ${type}`
}

/**
 * Explains why no session could be created.
 *
 * @param rawValues inputs and outputs of the model, where they could be read; they name the culprit of a type error
 */
export function describeLoadFailure(error: unknown, model: LoadedModel, rawValues: readonly RawValue[]): SideFailure {
  const quoted = quoteError(error, model)
  if (isOutOfMemory(quoted)) return outOfMemory(`Loading \`${model.modelPath}\` ran out of memory: ${quoted}`)
  const unsupported = /^Unsupported data type: (\d+)/.exec(quoted) ?? /MLDataType for: tensor\((\w+)\)/.exec(quoted)
  if (unsupported !== null) {
    const found = unsupported[1] ?? ''
    const culprit = rawValues.find((value) => value.type === Number(found))
    const typeName = /^\d+$/.test(found) ? onnxTypeName(Number(found)) : found
    const subject = culprit === undefined ? 'A value' : `${culprit.role} \`${culprit.name}\``
    return {
      kind: 'failed',
      code: 'input_unsupported',
      message: `${subject} of \`${model.modelPath}\` has the element type ${typeName}, which ONNX Runtime for Node.js cannot pass.`,
      hint: `Supported are tensors of ${SUPPORTED}. Cast inside the model, so that its inputs and outputs have one of these types.`
    }
  }
  const session = describeSessionFailure(quoted, model)
  if (session !== null) return session
  return {
    kind: 'failed',
    code: 'model_unreadable',
    message: `ONNX Runtime cannot load \`${model.modelPath}\`: ${quoted}`,
    hint: 'Check that the file is a whole ONNX model (`python -c "import onnx; onnx.checker.check_model(PATH)"`), and that its external data is committed.'
  }
}

/** A failure of the session and not of the file: what the execution provider cannot run, or that it is not there. */
function describeSessionFailure(quoted: string, { modelPath, session }: LoadedModel): SideFailure | null {
  const provider = session?.executionProvider ?? 'the execution provider'
  if (/fallback to CPU EP has been explicitly disabled/.test(quoted)) {
    return {
      kind: 'failed',
      code: 'session_unsupported',
      message: `\`${modelPath}\` has operators that ${provider} cannot run, and the session forbids to run them on the processor.`,
      hint: 'Set `cpu_fallback` to `report` to see which they are, or export the model with other operators.'
    }
  }
  if (!PROVIDER_FAILURE.test(quoted)) return null
  return {
    kind: 'failed',
    code: 'provider_unavailable',
    message: `\`${modelPath}\` cannot be loaded with ${provider}, which does not work here: ${quoted}`,
    hint: 'Run `tailgate doctor` on the worker to see what is missing.'
  }
}

const PROVIDER_FAILURE = /OrtSessionOptionsAppendExecutionProvider|WebGPU adapter|CUDA failure|backend not found/

/** Explains why the first inference failed: ONNX Runtime's message, what the model takes and what was fed. */
export function describeInferenceFailure(
  error: unknown,
  model: LoadedModel,
  signature: string,
  fed: readonly FedInput[]
): SideFailure {
  const quoted = quoteError(error, model)
  if (isOutOfMemory(quoted)) return outOfMemory(`Running \`${model.modelPath}\` ran out of memory: ${quoted}`)
  const given = fed.map((input) => `${input.name}: ${input.type}[${input.shape.join(', ')}]`).join(', ')
  return {
    kind: 'failed',
    code: 'inference_failed',
    message: truncate(
      `The first inference of \`${model.modelPath}\` failed: ${quoted} The model takes ${truncate(signature, 1500)}; it was fed ${truncate(given, 1500)}.`,
      4000
    ),
    hint: 'Set the shapes and values that the model needs under `inputs` of this model in the configuration.'
  }
}

/**
 * One line of plain text from ONNX Runtime's message: without its build paths and C++ signatures, and with the model
 * named as the repository names it.
 */
export function quoteError(error: unknown, model: LoadedModel): string {
  const text = error instanceof Error ? error.message : String(error)
  const line = text
    .replaceAll(model.modelFile, model.modelPath)
    .replaceAll(/\/onnxruntime_src\/[^\s(]+(?: [^()]*\((?:[^()]|\([^()]*\))*\)(?: const)?)?/g, ' ')
    .replaceAll(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .replace(`Load model from ${model.modelPath} failed:`, '')
    .trim()
  if (line === '') return 'no message.'
  const quoted = truncate(line, MAX_QUOTED_LENGTH)
  return /[.!?…]$/.test(quoted) ? quoted : `${quoted}.`
}

/** Cuts a text to at most `length` characters and says so with an ellipsis. */
export function truncate(text: string, length: number): string {
  return text.length <= length ? text : `${text.slice(0, length - 1)}…`
}

function isOutOfMemory(message: string): boolean {
  return /bad_alloc|failed to allocate memory|Array buffer allocation failed|allocation failure/i.test(message)
}

function outOfMemory(message: string): SideFailure {
  return {
    kind: 'failed',
    code: 'out_of_memory',
    message,
    hint: 'Use a smaller batch size or input shape, or a worker with more memory.'
  }
}
