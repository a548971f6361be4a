import { countElements } from './element-types.ts'
import type { RecordedSample, RecordedValue } from './fit-recorded.ts'
import { RecordedFileError } from './recorded-file-error.ts'

const MAX_RANK = 32

/**
 * Reads samples from JSON: one object, or a list of them, with a value for each input. A value is nested lists, or
 * `{"dtype", "shape", "data"}` with all elements in one list (`dtype` may be left out: it is then the model's).
 *
 * @throws {RecordedFileError}
 */
export function readRecordedJson(text: string, path: string): readonly RecordedSample[] {
  const content = parse(text, path)
  const samples = Array.isArray(content) ? content : [content]
  return samples.map((sample: unknown, index) => {
    const where = Array.isArray(content) ? `\`${path}\`, sample ${index + 1}` : `\`${path}\``
    if (!isObject(sample)) throw wrongForm(`${where} is no object with a value for each input.`)
    return new Map(
      Object.entries(sample).map(([input, value]) => [input, readValue(value, `${where}, input \`${input}\``)])
    )
  })
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw brokenJson(path, error)
  }
}

function brokenJson(path: string, cause: unknown): RecordedFileError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  const hint = 'Correct the file. JSON has no NaN and no Infinity: write them in quotes, or record .npy files.'
  return new RecordedFileError(`\`${path}\` is no JSON: ${reason}.`, hint, { cause })
}

function readValue(value: unknown, place: string): RecordedValue {
  if (isObject(value)) return readFlat(value, place)
  const shape = shapeOf(value, place)
  const items: unknown[] = []
  collect(value, shape, items, place)
  return { kind: 'literal', type: null, shape, items, place }
}

function readFlat({ dtype, shape, data, ...rest }: Readonly<Record<string, unknown>>, place: string): RecordedValue {
  const [unknownKey] = Object.keys(rest)
  if (unknownKey !== undefined) throw wrongForm(`${place} has the unknown key \`${unknownKey}\`.`)
  if (!isShape(shape)) throw wrongForm(`${place} has no \`shape\` that is a list of sizes.`)
  if (dtype !== undefined && typeof dtype !== 'string') throw wrongForm(`${place} has a \`dtype\` that is no text.`)
  if (!Array.isArray(data)) throw wrongForm(`${place} has no \`data\` that is a list.`)
  if (data.length !== countElements(shape)) {
    throw wrongForm(
      `${place} has ${data.length} elements in \`data\`, and its shape [${shape.join(', ')}] is of ${countElements(shape)}.`
    )
  }
  return { kind: 'literal', type: dtype ?? null, shape, items: data, place }
}

/** As the first element of each list says; {@link collect} holds all others against it. */
function shapeOf(value: unknown, place: string): readonly number[] {
  const shape: number[] = []
  for (let inner = value; Array.isArray(inner); inner = inner[0]) {
    shape.push(inner.length)
    if (shape.length > MAX_RANK) throw wrongForm(`${place} has lists in lists, more than ${MAX_RANK} deep.`)
  }
  return shape
}

function collect(value: unknown, shape: readonly number[], items: unknown[], place: string): void {
  const [length, ...inner] = shape
  if (length === undefined) {
    if (Array.isArray(value) || isObject(value)) throw ragged(place)
    items.push(value)
    return
  }
  if (!Array.isArray(value) || value.length !== length) throw ragged(place)
  for (const element of value) collect(element, inner, items, place)
}

function ragged(place: string): RecordedFileError {
  return wrongForm(`${place} has lists of different lengths at one depth.`)
}

function wrongForm(message: string): RecordedFileError {
  return new RecordedFileError(
    message,
    'Write `{"input": [[1, 2], [3, 4]]}` or `{"input": {"dtype": "float32", "shape": [2, 2], "data": [1, 2, 3, 4]}}`, or a list of such objects.'
  )
}

function isShape(value: unknown): value is readonly number[] {
  return (
    Array.isArray(value) && value.length <= MAX_RANK && value.every((size) => Number.isSafeInteger(size) && size >= 0)
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
