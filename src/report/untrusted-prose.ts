import { cleanLine } from './clean-text.ts'
import { type Code, code, type RichText } from './rich-text.ts'

export const SENTENCE_MAX_CHARS = 400
const PLAIN_WORD = /^[(“‘]?(?:\p{L}+(?:['’-]\p{L}+)*|[+−±]?\d{1,6}(?:[.,]\d{1,6})?%?|%)[)”’]?[.,;:!?]?$/u
const LOOKS_LIKE_A_SHA = /^[0-9a-f]{7,64}[.,;:!?]?$/i
const ENDS_A_PHRASE = /[.,;:!?]$/u
const ENDING = /^(.*?)([.,;:!?]*)$/su

/**
 * A sentence that somebody else wrote (an error message, a hint with a file name in it). Words and numbers stay prose;
 * everything that Markdown or GitHub could give a meaning (names, paths, mentions, links, tags) becomes code. At most
 * 400 characters of it.
 */
export function proseFromUntrusted(sentence: string): RichText {
  // Between backticks stands what its author meant as code.
  const pieces = cleanLine(sentence, SENTENCE_MAX_CHARS).split('`')
  return spaceOut(pieces.flatMap((piece, index) => splitPiece(piece, index % 2 === 1)))
}

/** Neighbouring tokens that are not plain words share one code span, up to the next punctuation. */
function splitPiece(piece: string, isCode: boolean): RichText {
  const parts: (string | Code)[] = []
  let pending: string[] = []
  const flush = () => {
    parts.push(...splitEnding(pending.join(' ')))
    pending = []
  }
  for (const token of piece.split(/\s+/u)) {
    if (!isCode && isPlainWord(token)) {
      flush()
      parts.push(token)
    } else pending.push(token)
    // What its author marked as code stays in one piece, whatever punctuation it holds.
    if (!isCode && ENDS_A_PHRASE.test(token)) flush()
  }
  flush()
  return parts
}

function isPlainWord(token: string): boolean {
  return PLAIN_WORD.test(token) && !LOOKS_LIKE_A_SHA.test(token)
}

/** Takes punctuation at the end out of the code. */
function splitEnding(text: string): RichText {
  const [, body = '', ending = ''] = ENDING.exec(text.trim()) ?? []
  return [...(body === '' ? [] : [code(body)]), ...(ending === '' ? [] : [ending])]
}

const PUNCTUATION = /^[.,;:!?]+$/u

/** Puts single spaces back between words, and none before punctuation that was split off. */
function spaceOut(parts: RichText): RichText {
  const spaced: (string | Code)[] = []
  for (const part of parts) {
    const glued = spaced.length === 0 || (typeof part === 'string' && PUNCTUATION.test(part))
    if (!glued) spaced.push(' ')
    spaced.push(part)
  }
  return mergeStrings(spaced)
}

function mergeStrings(parts: RichText): RichText {
  const merged: (string | Code)[] = []
  for (const part of parts) {
    const previous = merged.at(-1)
    if (typeof part === 'string' && typeof previous === 'string') merged.splice(-1, 1, previous + part)
    else merged.push(part)
  }
  return merged
}
