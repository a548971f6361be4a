import { z } from 'zod'

/** What one sample should give, flat: class numbers, values or strings, in the order of the output's elements. */
export type Label = readonly (number | string)[]

export type ParsedLabels =
  | { readonly ok: true; readonly labels: readonly Label[] }
  | { readonly ok: false; readonly message: string }

const MAX_LABELS = 100_000
/** Of one label. */
const MAX_LABEL_VALUES = 1_000_000
/** Of nested lists; tensors have fewer dimensions. */
const MAX_DEPTH = 32

const Scalar = z.union([z.number(), z.string().max(100_000), z.boolean()])

/**
 * Reads a JSON list with one label per sample: a number, a string, a boolean, or (nested) lists of them.
 *
 * @param path as the repository names the file, for messages
 */
export function parseLabels(text: string, path: string): ParsedLabels {
  const file = parseJson(text)
  if (!file.ok) return refuse(path, `is not JSON: ${file.problem}`)
  if (!Array.isArray(file.value)) return refuse(path, 'must be a list with one label per sample')
  if (file.value.length > MAX_LABELS) return refuse(path, `has more than ${MAX_LABELS} labels`)
  const labels: Label[] = []
  for (const [index, value] of file.value.entries()) {
    const label = flattenLabel(value)
    if (label === null) {
      return refuse(path, `[${index}] must be a number, a string, a boolean or lists of them, not too deep or too long`)
    }
    labels.push(label)
  }
  return { ok: true, labels }
}

/** Null when it is no label. */
function flattenLabel(value: unknown): Label | null {
  let level: unknown[] = [value]
  for (let depth = 0; depth <= MAX_DEPTH && level.length <= MAX_LABEL_VALUES; depth += 1) {
    if (!level.some(Array.isArray)) return readScalars(level)
    // Lists beside numbers would leave the order of elements to guessing.
    if (!level.every(Array.isArray)) return null
    level = level.flat(1)
  }
  return null
}

function readScalars(values: readonly unknown[]): Label | null {
  const label: (number | string)[] = []
  for (const value of values) {
    const scalar = Scalar.safeParse(value)
    if (!scalar.success) return null
    label.push(typeof scalar.data === 'boolean' ? Number(scalar.data) : scalar.data)
  }
  return label
}

function parseJson(
  text: string
): { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly problem: string } {
  try {
    return { ok: true, value: JSON.parse(text) }
  } catch (error) {
    return { ok: false, problem: error instanceof Error ? error.message : String(error) }
  }
}

function refuse(path: string, problem: string): ParsedLabels {
  return { ok: false, message: `The labels in \`${path}\` ${problem}.`.slice(0, 4000) }
}
