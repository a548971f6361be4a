/** Any JSON value. Objects are readonly: the stand-in builds a new one for every answer. */
export type Json = string | number | boolean | null | readonly Json[] | JsonObject

export interface JsonObject {
  readonly [key: string]: Json | undefined
}

export function isJsonObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** `value` as an object; throws naming `where` when it is anything else. */
export function parseJsonObject(value: unknown, where: string): JsonObject {
  if (!isJsonObject(value)) throw new TypeError(`${where}: expected a JSON object`)
  return value
}

export function readString(source: JsonObject, key: string): string | undefined {
  const value = source[key]
  return typeof value === 'string' ? value : undefined
}

export function readNumber(source: JsonObject, key: string): number | undefined {
  const value = source[key]
  return typeof value === 'number' ? value : undefined
}

export function readObject(source: JsonObject, key: string): JsonObject | undefined {
  const value = source[key]
  return isJsonObject(value) ? value : undefined
}

export function readObjects(source: JsonObject, key: string): readonly JsonObject[] {
  const value = source[key]
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
