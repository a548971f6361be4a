import { quote, type Sentence } from '#src/equivalence/sentence.ts'

/** Longer names are cut in sentences. */
const MAX_LENGTH = 80

/** A name from a model or a configuration. */
export function quoteName(name: string): { readonly code: string } {
  if (name === '') return quote('(no name)')
  return quote(name.length <= MAX_LENGTH ? name : `${name.slice(0, MAX_LENGTH).toWellFormed()}…`)
}

/** An operator, with its domain where that is not ONNX's own. */
export function quoteOperator({ domain, type }: { readonly domain: string; readonly type: string }): {
  readonly code: string
} {
  return quoteName(domain === '' ? type : `${domain}.${type}`)
}

/** `a`, `a and b`, `a, b and c`. */
export function joinPieces(pieces: readonly Sentence[]): Sentence {
  return pieces.flatMap((piece, index): Sentence => {
    if (index === 0) return piece
    return [index === pieces.length - 1 ? ' and ' : ', ', ...piece]
  })
}
