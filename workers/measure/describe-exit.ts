import { constants } from 'node:os'

const SHOWN_LENGTH = 1000

/** The end of what a process wrote to its standard error, as one line of plain text. */
export function quoteLastWords(stderr: string): string {
  const plain = stderr.replaceAll(/[\s\p{Cc}]+/gu, ' ').trim()
  return plain.length <= SHOWN_LENGTH ? plain : `…${plain.slice(1 - SHOWN_LENGTH)}`
}

/** A sandbox passes on a signal that ended its child as the exit code 128 + signal, like a shell. */
export function signalOfExitCode(code: number | null): string | null {
  if (code === null) return null
  return Object.entries(constants.signals).find(([, number]) => number === code - 128)?.[0] ?? null
}
