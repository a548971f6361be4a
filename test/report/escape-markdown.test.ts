import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { cleanLine, shortenText } from '#src/report/clean-text.ts'
import { escapeMarkdown, fencedBlock, inlineCode, inlineCodeInTable } from '#src/report/escape-markdown.ts'
import { hostileText } from './hostile-text.ts'
import { findEscaped, parseMarkdown, walk } from './parse-report.ts'
import { HOSTILE_TEXTS } from './sample-outcomes.ts'

describe('a code span', () => {
  test.each([
    ['plain', '`plain`'],
    ['a`b', '``a`b``'],
    ['`a`', '`` `a` ``'],
    ['a\nb\tc', '`a b c`'],
    ['a\u202Eb', '`a\uFFFDb`'],
    ['', '(empty)'],
    [' \n ', '(empty)']
  ])('of %j is %j', (text, expected) => {
    expect(inlineCode(text)).toBe(expected)
  })

  test('gives back what went in, whatever it is', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const [, paragraph, ...rest] = walk(parseMarkdown(`x ${inlineCode(text)} y`))
        expect(paragraph?.type).toBe('paragraph')
        const clean = cleanLine(text)
        if (clean !== '') expect(rest.map((node) => node.type)).toEqual(['text', 'inlineCode', 'text'])
        if (clean !== '') expect(rest[1]).toMatchObject({ value: clean })
      })
    )
  })

  test('stays within its cell of a table', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        const cell = inlineCodeInTable(text)
        const markdown = `| a | b |\n| - | - |\n| ${cell} | ${cell} |\n`
        expect(findEscaped(markdown)).toEqual([])
        const cells = [...walk(parseMarkdown(markdown))].filter(({ type }) => type === 'tableCell')
        expect(cells).toHaveLength(4)
      })
    )
  })
})

test('a fenced block holds all of a foreign text and ends where it should', () => {
  fc.assert(
    fc.property(hostileText, (text) => {
      const nodes = [...walk(parseMarkdown(`${fencedBlock(text)}\n\nafter\n`))].map(({ type }) => type)
      expect(nodes).toEqual(['root', 'code', 'paragraph', 'text'])
    })
  )
})

describe('a foreign sentence', () => {
  test('keeps its words and turns the rest into code', () => {
    expect(escapeMarkdown('Ask @acme/ml: models/vad.onnx has 133 bytes (see #4).')).toBe(
      'Ask `@acme/ml`: `models/vad.onnx` has 133 bytes (see `#4)`.'
    )
  })

  test('keeps what was code in it', () => {
    expect(escapeMarkdown('Run `git lfs push --all`, then push.')).toBe('Run `git lfs push --all`, then push.')
  })

  test.each(HOSTILE_TEXTS)('%j is inert', (text) => {
    expect(findEscaped(`Said: ${escapeMarkdown(text)}\n`)).toEqual([])
  })

  test('is inert whatever it is made of', () => {
    fc.assert(
      fc.property(hostileText, (text) => {
        expect(findEscaped(`Said: ${escapeMarkdown(text)}\n`)).toEqual([])
      }),
      { numRuns: 300 }
    )
  })
})

describe('shortening', () => {
  test('keeps both ends', () => {
    expect(shortenText('models/very/long/path/vad.onnx', 13)).toBe('models/v…onnx')
  })

  test('never splits a character', () => {
    expect(shortenText('😀'.repeat(10), 4)).toBe('😀😀…😀')
  })

  test('leaves a text alone that is as long as allowed', () => {
    expect(shortenText('abcd', 4)).toBe('abcd')
  })

  test('bounds ten kilobytes to a line', () => {
    expect([...inlineCode('x'.repeat(10_000))]).toHaveLength(122)
  })
})
