/** What the command-line program's exit status says. Scripts depend on these numbers. */
export const EXIT = {
  /** The gate is open: improvement, unchanged, or nothing to measure. */
  pass: 0,
  /** The gate is closed: a regression, other answers, a broken budget. */
  gateFailed: 1,
  /** `doctor`: something asked of this installation cannot work. */
  broken: 1,
  /** The command, the configuration or a file is wrong. */
  usage: 2,
  /** Nothing wrong was asked, but there is no verdict: inconclusive, or measuring failed. */
  noVerdict: 3
} as const

/** A mistake in how the command was given; its message is all that the user needs to see. */
export class UsageError extends Error {
  readonly code = 'USAGE'
}
