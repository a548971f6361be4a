/** Whether two values parsed from configuration (maps, lists, scalars) say the same; the order of keys does not count. */
export function isSame(left: unknown, right: unknown): boolean {
  if (Array.isArray(left) && Array.isArray(right)) {
    return left.length === right.length && left.every((item, index) => isSame(item, right[index]))
  }
  if (isMapping(left) && isMapping(right)) {
    const keys = new Set([...definedKeys(left), ...definedKeys(right)])
    return [...keys].every((key) => isSame(left[key], right[key]))
  }
  return Object.is(left, right)
}

export function isMapping(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** A key without a value is no key. */
export function definedKeys(mapping: Readonly<Record<string, unknown>>): readonly string[] {
  return Object.keys(mapping).filter((key) => mapping[key] !== undefined)
}
