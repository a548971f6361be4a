import fc from 'fast-check'

/** Fragments that mean something to Markdown or GitHub, put together in every order. */
export const hostileText = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '`',
        '``',
        '|',
        '\\',
        '\n',
        '\n\n',
        ' ',
        '@a',
        '@a/b',
        '#1',
        'GH-1',
        'a/b#1',
        '<!--',
        '-->',
        '<b>'
      ),
      fc.constantFrom('www.a.b', 'http://a.b', 'a@b.co', '![', '](', '[', ']', '*', '_', '~~', '$', '&lt;', ':+1:'),
      fc.constantFrom('\u202E', '\u200B', '\u0000', '\u001B[31m', '# ', '- ', '> ', '```', '~~~', '---', 'abcdef0'),
      fc.string({ unit: 'binary', maxLength: 5 }),
      fc.string({ maxLength: 5 })
    ),
    { maxLength: 14 }
  )
  .map((parts) => parts.join(''))
