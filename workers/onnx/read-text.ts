import { MAX_NAME_LENGTH } from '#contracts/graph.ts'
import { readSpan, type Span, type WireFile } from './wire-file.ts'

/** UTF-8 needs at most three bytes per UTF-16 unit; the fourth covers a character that is cut. */
const BYTES_PER_UNIT = 4

/** A name, cut after 200 characters. What is no UTF-8 becomes U+FFFD, and so does NUL, which Postgres refuses. */
export function readText(file: WireFile, span: Span): string {
  return cutName(readSpan(file, span, BYTES_PER_UNIT * MAX_NAME_LENGTH).toString('utf8'))
}

export function cutName(name: string): string {
  return name.slice(0, MAX_NAME_LENGTH).toWellFormed().replaceAll('\0', '\ufffd')
}
