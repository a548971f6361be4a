import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parseCommand } from '#src/command/parse-command.ts'

const SHA = '0123456789abcdef0123456789abcdef01234567'
const RUN = { kind: 'run', sha: null }
const NONE = { kind: 'none' }

describe('commands', () => {
  test.each([
    ['/benchmark', RUN],
    ['  /benchmark  ', RUN],
    ['/Benchmark', RUN],
    ['/benchmark\r\nthanks!', RUN],
    ['Looks good.\n\n/benchmark', RUN],
    ['Looks good.\n/benchmark', RUN],
    ['Looks good.  \n/benchmark', RUN],
    ['> quoted\n\n/benchmark', RUN],
    ['*Nice*, `code` and [link](x)\n/benchmark', RUN],
    ['<br>\n\n/benchmark', RUN],
    [`/benchmark ${SHA}`, { kind: 'run', sha: SHA }],
    ['/benchmark ABCDEF0', { kind: 'run', sha: 'abcdef0' }],
    [`/benchmark ${'a'.repeat(64)}`, { kind: 'run', sha: 'a'.repeat(64) }],
    ['/benchmark\tcancel', { kind: 'cancel' }],
    ['/benchmark help', { kind: 'help' }],
    ['/benchmark cancel\n/benchmark help', { kind: 'cancel' }],
    ['/benchmark help\n\n/benchmark cancel', { kind: 'help' }]
  ])('%j', (body, expected) => {
    expect(parseCommand(body)).toEqual(expected)
  })
})

describe('mistakes', () => {
  test.each([
    ['/benchmark cancle', 'cancle', 'cancel'],
    ['/benchmark --help', '--help', 'help'],
    ['/benchmark please', 'please', null],
    ['/benchmark abc123', 'abc123', null],
    [`/benchmark ${'a'.repeat(65)}`, 'a'.repeat(65), null],
    ['/benchmark `abcdef0`', '`abcdef0`', null],
    ['/benchmark cancel now', 'now', null],
    [`/benchmark ${SHA} fedcba9`, 'fedcba9', null],
    ['/benchmark **help**', '**help**', null],
    [`/benchmark ${'x'.repeat(5000)}`, 'x'.repeat(100), null]
  ])('%.60j', (body, word, suggestion) => {
    expect(parseCommand(body)).toEqual({ kind: 'invalid', word, suggestion })
  })
})

describe("what is nobody's command", () => {
  test.each([
    ['an empty comment', ''],
    ['the word in a sentence', 'Use /benchmark to start it.'],
    ['a longer word', '/benchmarks'],
    ['a path', '/benchmark/results'],
    ['a quote', '> /benchmark'],
    ['a quote that goes on without its mark', '> he wrote\n/benchmark'],
    ['a quote in a quote', '> > /benchmark'],
    ['a fenced block', '```\n/benchmark\n```'],
    ['a fenced block that is never closed', '~~~\n/benchmark'],
    ['an indented block', 'see:\n\n    /benchmark'],
    ['inline code', '`/benchmark`'],
    ['inline code over several lines', 'a `b\n/benchmark\nc` d'],
    ['a list item', '- /benchmark'],
    ['a list item that goes on', '- see\n/benchmark'],
    ['a numbered item', '1. /benchmark'],
    ['a task', '- [ ] /benchmark'],
    ['a heading', '# /benchmark'],
    ['an underlined heading', '/benchmark\n==='],
    ['a table', '| a |\n|---|\n/benchmark'],
    ['a footnote', 'a[^1]\n\n[^1]: /benchmark'],
    ['an HTML block', '<div>\n/benchmark\n</div>'],
    ['an HTML comment', '<!--\n\n/benchmark\n\n-->'],
    ['an HTML comment inside a paragraph', 'a <!--\n/benchmark\n--> b'],
    ['an HTML attribute', 'a <b title="\n/benchmark\n"> c'],
    ['a quote in HTML', '<blockquote>\n\n/benchmark\n\n</blockquote>'],
    ['a folded part', '<details><summary>log</summary>\n\n/benchmark\n\n</details>'],
    ['an escaped slash', '\\/benchmark'],
    ['an entity', '&#47;benchmark'],
    ['bold text', '**/benchmark**'],
    ['a look-alike', '\u2215benchmark'],
    ['an invisible character in front', '\u200B/benchmark'],
    ['more characters than GitHub allows', `/benchmark\n${'a'.repeat(65_536)}`]
  ])('%s', (_name, body) => {
    expect(parseCommand(body)).toEqual(NONE)
  })

  test('a command after a closed quote in HTML counts', () => {
    expect(parseCommand('<details>\n\nold log\n\n</details>\n\n/benchmark')).toEqual(RUN)
  })
})

describe('hostile comments', () => {
  // Each of these keeps an unguarded Markdown parser busy for between ten seconds and some minutes, or ends its stack.
  const fill = (piece: string) => piece.repeat(Math.floor(60_000 / piece.length))
  test.each([
    ['quotes in quotes', fill('>'), NONE],
    ['lists in lists', fill('- '), NONE],
    ['numbered lists in numbered lists', fill('1. '), NONE],
    ['a quote that goes on', `> a\n${fill('b\n')}`, NONE],
    [
      'a deep list and empty lines',
      `${Array.from({ length: 99 }, (_, depth) => `${'  '.repeat(depth)}- a\n`).join('')}${'\n'.repeat(4000)}`,
      NONE
    ],
    ['many quotes', fill('> a\n\n'), NONE],
    ['brackets', fill('['), RUN],
    ['closed brackets', `${'['.repeat(30_000)}${']'.repeat(30_000)}`, RUN],
    ['links', fill('[a](b'), RUN],
    ['footnotes', fill('[^a]'), RUN],
    ['emphasis', fill('_a*'), RUN],
    ['strikethrough', fill('~a '), RUN],
    ['addresses', fill('a@'), RUN],
    ['definitions', fill('[a]: b "'), RUN]
  ])('%s', (_name, text, expected) => {
    expect(parseCommand(`/benchmark\n\n${text}`)).toEqual(expected)
  })

  test('a long log in one quote does not hide the command', () => {
    expect(parseCommand(`${'> 12:00:01 step done\n'.repeat(2000)}\n/benchmark`)).toEqual(RUN)
  })

  test('any comment gives an answer', () => {
    const pieces = [
      '/benchmark',
      ' cancel',
      '\n',
      '\r\n',
      '\r',
      '>',
      '- ',
      '1. ',
      '`',
      '```',
      '<!--',
      '-->',
      '<b ',
      '|',
      '[',
      ']',
      '*',
      '    ',
      'a'
    ]
    const bodies = fc
      .array(fc.oneof(fc.constantFrom(...pieces), fc.string({ unit: 'binary' })))
      .map((all) => all.join(''))
    fc.assert(
      fc.property(bodies, (body) => {
        expect(['none', 'run', 'cancel', 'help', 'invalid']).toContain(parseCommand(body).kind)
      })
    )
  })
})
