/**
 * Makes text from a file safe to print: control, formatting and line-breaking characters, which could rewrite the terminal
 * or fake a line, become visible escapes.
 */
export function makePrintable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const codePoint = character.codePointAt(0) ?? 0
    return `\\u{${codePoint.toString(16)}}`
  })
}
