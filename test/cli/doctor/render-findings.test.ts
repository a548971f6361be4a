import { expect, test } from 'vitest'
import { broken, fine, warning } from '#src/cli/doctor/finding.ts'
import { formatAge } from '#src/cli/doctor/format-age.ts'
import { renderFindings } from '#src/cli/doctor/render-findings.ts'

test('each finding is a line with its mark, what to do and details below it, in groups', () => {
  const groups = [
    {
      title: 'Programs',
      findings: [fine('git', '2.39.5', ['more']), warning('sandbox', 'none', 'Install it.')]
    },
    { title: 'Devices', findings: [] },
    { title: 'Services', findings: [broken('bot', 'away', 'Start it.')] }
  ]

  expect(renderFindings(groups)).toBe(`Programs
✓ git      2.39.5
    more
! sandbox  none
    → Install it.

Services
✗ bot      away
    → Start it.

1 broken (✗), 1 thing could be better (!).
`)
})

test.each([
  [[fine('a', 'b')], 'All is well.'],
  [[warning('a', 'b', 'c'), warning('a', 'b', 'c')], 'Nothing is broken; 2 things could be better (!).'],
  [[broken('a', 'b', 'c')], '1 broken (✗), 0 things could be better (!).']
])('ends with a count', (findings, last) => {
  expect(
    renderFindings([{ title: 'All', findings }])
      .trimEnd()
      .split('\n')
      .at(-1)
  ).toBe(last)
})

test('what others wrote cannot steer the terminal or fake a line', () => {
  const hostile = '\u001b[2J\n✓ everything  fine\u202e'

  const shown = renderFindings([{ title: 'All', findings: [warning('a', hostile, hostile, [hostile])] }])

  expect(shown).not.toContain('\u001b')
  expect(shown).not.toContain('\u202e')
  expect(shown).not.toMatch(/^✓/m)
})

test.each([
  [-5000, 'just now'],
  [59_999, 'just now'],
  [60_000, '1 minute ago'],
  [7_199_999, '1 hour ago'],
  [7_200_000, '2 hours ago'],
  [86_400_000, '1 day ago'],
  [40 * 86_400_000, '40 days ago']
])('an age of %d ms is %s', (ageMs, text) => {
  expect(formatAge(ageMs)).toBe(text)
})
