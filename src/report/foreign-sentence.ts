import type { Sentence } from '#src/equivalence/sentence.ts'
import { type Code, code, type RichText } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

/**
 * What Markdown or GitHub could give a meaning in the words of the folders that judge: shapes and places (`[1, 17]`), a
 * tolerance with its bars, and long numbers, which look like commits.
 */
const FORMULA =
  /\[[^\]]*\]|(?:[\d.,]+ × \()?[\d.e+−]+ \+ [\d.e+−]+ × \|baseline\|\)?|(?<![\p{L}\d.,])[0-9a-f]{7,}(?![\p{L}\d])/gu

/** A sentence of the folders that judge as a report's text: formulas stand as code, whole messages as prose. */
export function fromSentence(sentence: Sentence): RichText {
  return sentence.flatMap((piece, index) => {
    if (typeof piece === 'string') return splitFormulas(piece)
    return endsWithMessage(sentence, index) ? proseFromUntrusted(piece.code) : [code(piece.code)]
  })
}

/** `Outputs could not be compared: ` and then what a program said. Names and values have words of ours behind them. */
function endsWithMessage(sentence: Sentence, index: number): boolean {
  const before = sentence[index - 1]
  return index === sentence.length - 1 && typeof before === 'string' && before.endsWith(': ')
}

function splitFormulas(words: string): RichText {
  const parts: (string | Code)[] = []
  let end = 0
  for (const { 0: formula, index } of words.matchAll(FORMULA)) {
    if (index > end) parts.push(words.slice(end, index))
    parts.push(code(formula))
    end = index + formula.length
  }
  return end < words.length ? [...parts, words.slice(end)] : parts
}

/** Several sentences in a row, a space between them. */
export function joinSentences(sentences: readonly RichText[]): RichText {
  return sentences.flatMap((sentence, index) => (index === 0 ? sentence : [' ', ...sentence]))
}
