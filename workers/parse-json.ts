/** JSON that somebody else wrote, for a schema to judge; undefined, which no schema of an answer takes, where it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
