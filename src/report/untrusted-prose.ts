import { cleanLine } from './clean-text.ts'
import { type Code, code, type RichText } from './rich-text.ts'

export const SENTENCE_MAX_CHARS = 400
const PLAIN_WORD = /^[(“‘]?(?:\p{L}+(?:['’-]\p{L}+)*|\d{1,6}(?:[.,]\d{1,6})?%?)[)”’]?[.,;:!?]?$/u
const LOOKS_LIKE_A_SHA = /^[0-9a-f]{7,64}[.,;:!?]?$/i
const ENDING = /^(.*?)([.,;:!?]*)$/su

/**
 * A sentence that somebody else wrote (an error message, a hint with a file name in it). Words and numbers stay prose;
 * everything that Markdown or GitHub could give a meaning (names, paths, mentions, links, tags) becomes code. At most
 * 400 characters of it.
 */
export function proseFromUntrusted(sentence: string): RichText {
  const parts: (string | Code)[] = []
  let pending: string[] = []
  const flush = () => {
    const [, body = '', ending = ''] = ENDING.exec(pending.join(' ')) ?? []
    pending = []
    if (body !== '') parts.push(code(body))
    if (ending !== '') parts.push(ending)
  }
  for (const [index, quoted] of cleanLine(sentence, SENTENCE_MAX_CHARS).split('`').entries()) {
    for (const token of quoted.split(/\s+/u).filter((word) => word !== '')) {
      const plain = index % 2 === 0 && PLAIN_WORD.test(token) && !LOOKS_LIKE_A_SHA.test(token)
      if (plain) flush()
      if (plain) parts.push(token)
      else pending.push(token)
    }
    flush()
  }
  return spaceOut(parts)
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
