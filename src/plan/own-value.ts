/** The value of a key that a stranger may have named: an input may be called `toString`. */
export function ownValue<Value>(mapping: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(mapping, name) ? mapping[name] : undefined
}
