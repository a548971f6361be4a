/** One line of what `tailgate doctor` says. */
export interface Finding {
  /** What was looked at, as it is called in the output. */
  readonly check: string
  readonly level: FindingLevel
  /** What was found. */
  readonly found: string
  /** What to do about it; null where there is nothing to do. */
  readonly advice: string | null
  /** More lines, for those who want to know. */
  readonly details: readonly string[]
}

/** Findings about one thing, under its name. */
export interface FindingGroup {
  readonly title: string
  readonly findings: readonly Finding[]
}

/**
 * `absent`: not there, and this machine can do without. `warning`: it works, but less well than it could. `broken`: something
 * asked of this installation cannot work.
 */
export type FindingLevel = 'ok' | 'absent' | 'warning' | 'broken'

export function fine(check: string, found: string, details: readonly string[] = []): Finding {
  return { check, level: 'ok', found, advice: null, details }
}

export function absent(check: string, found: string): Finding {
  return { check, level: 'absent', found, advice: null, details: [] }
}

export function warning(check: string, found: string, advice: string, details: readonly string[] = []): Finding {
  return { check, level: 'warning', found, advice, details }
}

export function broken(check: string, found: string, advice: string): Finding {
  return { check, level: 'broken', found, advice, details: [] }
}
