import { z } from 'zod'

/** The option itself, without the wrappers that make it optional. */
export function unwrapOption(schema: z.core.$ZodType): z.core.$ZodType {
  let inner = schema
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.def.innerType
  }
  return inner
}

/** The schema of the value at `path` below `root`; null when the path leaves the schema. */
export function optionAt(root: z.core.$ZodType, path: readonly PropertyKey[]): z.core.$ZodType | null {
  let schema: z.core.$ZodType = unwrapOption(root)
  for (const key of path) {
    const next = childOption(schema, key)
    if (next === null) return null
    schema = unwrapOption(next)
  }
  return schema
}

function childOption(schema: z.core.$ZodType, key: PropertyKey): z.core.$ZodType | null {
  if (schema instanceof z.ZodRecord) return schema.valueType
  if (schema instanceof z.ZodArray) return schema.element
  if (schema instanceof z.ZodObject && Object.hasOwn(schema.shape, key)) return schema.shape[String(key)] ?? null
  return null
}

/** Keys that a mapping may have; empty for a mapping whose keys are free. */
export function knownKeys(schema: z.core.$ZodType): readonly string[] {
  if (schema instanceof z.ZodRecord && schema.keyType instanceof z.ZodEnum) return schema.keyType.options.map(String)
  return schema instanceof z.ZodObject ? Object.keys(schema.shape) : []
}

/** What may stand here, as a phrase that fits after "expected": `a whole number from 1 to 256`. */
export function describeExpectation(schema: z.core.$ZodType): string {
  const json = jsonSchemaOf(schema)
  if (json.title !== undefined) return json.title
  if (json.const !== undefined) return JSON.stringify(json.const)
  if (json.enum !== undefined) return listWords(json.enum.map(String))
  switch (json.type) {
    case 'boolean':
      return 'true or false'
    case 'integer':
      return `a whole number${describeRange(json)}`
    case 'number':
      return `a number${describeRange(json)}`
    case 'array':
      return describeList(schema, json)
    case 'object':
      return describeMapping(schema, json)
    default:
      return 'text'
  }
}

function describeRange(json: z.core.JSONSchema.BaseSchema): string {
  // Zod bounds every integer by the safe integers and every double by nothing.
  const bounded = json.minimum !== undefined && json.maximum !== undefined
  return bounded ? ` from ${json.minimum} to ${json.maximum}` : ''
}

function describeList(schema: z.core.$ZodType, json: z.core.JSONSchema.BaseSchema): string {
  const element =
    schema instanceof z.ZodArray ? ` where each is ${describeExpectation(unwrapOption(schema.element))}` : ''
  return `a list of at most ${json.maxItems} items${element}`
}

function describeMapping(schema: z.core.$ZodType, json: z.core.JSONSchema.BaseSchema): string {
  const keys = knownKeys(schema)
  if (keys.length > 0) return `a mapping with the keys ${keys.join(', ')}`
  if (json.maxProperties === undefined) return 'an empty mapping: {}'
  return `a mapping with ${json.minProperties ?? 0} to ${json.maxProperties} keys`
}

/** JSON Schema of one option as it is written in the file. */
export function jsonSchemaOf(schema: z.core.$ZodType): z.core.JSONSchema.BaseSchema {
  return z.toJSONSchema(schema, { io: 'input' })
}

/** `a`, `a or b`, `a, b or c`. */
export function listWords(words: readonly string[]): string {
  if (words.length < 2) return words.join('')
  return `${words.slice(0, -1).join(', ')} or ${words[words.length - 1]}`
}
