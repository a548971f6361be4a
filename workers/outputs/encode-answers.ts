import { isElementType } from '#workers/side/element-types.ts'
import { type EncodedOutputs, encodeOutputs, type RawOutput } from './output-frames.ts'

/**
 * The body of a frame with what ONNX Runtime answered, in the order of its outputs. The side process loads this file; it
 * takes any engine's tensors for what they have, not for their class.
 *
 * @param tokens the ids that `generate` decoded; null in other scenarios
 */
export function encodeAnswers(
  answers: Readonly<Record<string, unknown>>,
  tokens: readonly number[] | null
): EncodedOutputs {
  const outputs: RawOutput[] = []
  for (const [name, answer] of Object.entries(answers)) {
    const output = readAnswer(name, answer)
    if (output === null)
      return { ok: false, message: `Output \`${name.slice(0, 500)}\` is no tensor that can be compared.` }
    outputs.push(output)
  }
  return encodeOutputs(outputs, tokens)
}

/** Null for sequences, maps and element types that are not known. */
function readAnswer(name: string, answer: unknown): RawOutput | null {
  if (typeof answer !== 'object' || answer === null) return null
  const type: unknown = Reflect.get(answer, 'type')
  const dims: unknown = Reflect.get(answer, 'dims')
  const data: unknown = Reflect.get(answer, 'data')
  if (typeof type !== 'string' || !isElementType(type) || !isListOf(dims, isNumber)) return null
  if (ArrayBuffer.isView(data)) return { name, type, dims, data }
  return isListOf(data, isText) ? { name, type, dims, data } : null
}

function isListOf<Item>(values: unknown, isItem: (value: unknown) => value is Item): values is readonly Item[] {
  return Array.isArray(values) && values.every(isItem)
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number'
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}
