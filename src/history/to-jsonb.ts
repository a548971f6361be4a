/**
 * JSON text that Postgres takes as `jsonb`. It refuses NUL characters and lone surrogates, both of which can stand in
 * text that others wrote (an error message out of a hostile model file); they become U+FFFD.
 */
export function toJsonb(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) =>
    typeof inner === 'string' ? inner.toWellFormed().replaceAll('\0', '\ufffd') : inner
  )
}
