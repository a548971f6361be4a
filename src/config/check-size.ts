import type { Finding } from './describe-issue.ts'

/** A finding when a mapping or list has more entries than are possible. */
export function checkSize(path: readonly string[], what: string, count: number, max: number): readonly Finding[] {
  if (count <= max) return []
  return [{ path, message: `${count} ${what} are listed; at most ${max} are possible. List fewer` }]
}
