/** Long logs have fewer lines. The parser needs 0.8 s for 5,000 lines that continue a quote, and 41 s for 30,000. */
const MAX_LINES = 5000

/** Quotes, list items and footnotes in one comment: 1,000 take the parser 0.2 s, 13,000 take 27 s. */
const MAX_CONTAINERS = 1000

/** Every line is held against all containers that are open, so depth counts once per line. */
const MAX_LINES_TIMES_DEPTH = 20_000

/** One marker at the start of a line, after spaces or tabs: a quote, a list item or a footnote. */
const MARKER = /([ \t]*)(?:>|(?:[-+*]|\d{1,9}[.)])(?=[ \t]|$)|\[\^[^\]\s]{1,999}\]:)/y

/**
 * Whether Markdown has more lines, quotes, list items or levels of them than people write. The parser's time grows with
 * their square, and anybody may comment. Takes time linear in the text.
 */
export function isTooComplex(markdown: string): boolean {
  const lines = markdown.split(/\r\n|\n|\r/)
  if (lines.length > MAX_LINES) return true
  let containers = 0
  let depth = 0
  let previous = ''
  for (const line of lines) {
    const markers = readMarkers(line)
    // A quote that goes on, line after line, stays one quote.
    const continues = markers.text === previous && /^[> \t]*$/.test(previous)
    containers += continues ? 0 : markers.count
    depth = Math.max(depth, markers.depth)
    previous = markers.text
  }
  return containers > MAX_CONTAINERS || depth * lines.length > MAX_LINES_TIMES_DEPTH
}

interface Markers {
  readonly text: string
  readonly count: number
  /** How deep the last of them can lie: two columns of indentation are enough for one more list. */
  readonly depth: number
}

function readMarkers(line: string): Markers {
  let end = 0
  let count = 0
  let indentation = 0
  MARKER.lastIndex = 0
  for (let match = MARKER.exec(line); match !== null; match = MARKER.exec(line)) {
    end = MARKER.lastIndex
    count += 1
    indentation += match[1]?.length ?? 0
  }
  return { text: line.slice(0, end), count, depth: count + Math.floor(indentation / 2) }
}
