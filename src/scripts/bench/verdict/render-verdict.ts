import { renderTable } from '#src/scripts/bench/render-table.ts'
import { flagged, formatProportion, formatSeconds, formatShare, shareOf } from './format-tally.ts'
import { nameEffect } from './injected-effect.ts'
import { renderAims } from './render-aims.ts'
import type { Call } from './rule.ts'
import type { RecordingFigures } from './run-verdict.ts'
import type { Tally } from './tally.ts'

const SUMMARY_HEADER = [
  'rule',
  'data',
  'identical code flagged',
  'identical code passed',
  '+2 % found',
  '+5 % found',
  'tail found',
  '+5 % called faster',
  'measuring: identical / +5 %'
]

const FULL_HEADER = ['rule', 'data', 'regression', 'improvement', 'pass', 'undecided', 'launches', 'measuring']

/** The figures of all recordings as Markdown: short tables first, then everything, then what was compared. */
export function renderVerdict(
  figures: readonly RecordingFigures[],
  settings: { readonly draws: number; readonly seed: number }
): string {
  return [
    '### Verdicts on recorded launches',
    ...figures.flatMap(renderSummary),
    describeReading(settings),
    ...figures.flatMap(renderFull),
    '#### Rules',
    renderRules(figures)
  ].join('\n\n')
}

/** The short table of one recording and what we aim at, under its name. */
function renderSummary(figures: RecordingFigures): readonly string[] {
  const { recording, description, launches, tallies } = figures
  const title = `#### ${recording}`
  const about = `${launches} launches a case${description === '' ? '' : `: ${description}`}.`
  const identical = tallies.filter(({ effect }) => effect.kind === 'identical')
  const rows = identical.map((tally) => summaryRow(tally, tallies))
  return [title, about, renderTable(SUMMARY_HEADER, rows), renderAims(figures)]
}

function summaryRow(identical: Tally, tallies: readonly Tally[]): readonly string[] {
  const ofRule = tallies.filter(({ rule, feed }) => rule === identical.rule && feed === identical.feed)
  const slower = (percent: number) =>
    ofRule.find(({ effect }) => effect.kind === 'slower' && effect.percent === percent)
  const five = slower(5)
  const found = (tally: Tally | undefined, call: Call) =>
    tally === undefined ? '–' : formatShare(shareOf(tally, call).share)
  return [
    identical.rule,
    identical.feed,
    formatProportion(flagged(identical)),
    found(identical, 'pass'),
    found(slower(2), 'regression'),
    found(five, 'regression'),
    found(
      ofRule.find(({ effect }) => effect.kind === 'tail'),
      'regression'
    ),
    found(five, 'improvement'),
    `${formatSeconds(identical)} / ${five === undefined ? '–' : formatSeconds(five)}`
  ]
}

function renderFull({ recording, tallies }: RecordingFigures): readonly string[] {
  return [...Map.groupBy(tallies, ({ caseId }) => caseId)].flatMap(([caseId, ofCase]) => {
    const [first] = ofCase
    const effect = first === undefined ? '' : ` (${nameEffect(first.effect)})`
    return [`#### ${recording}, ${caseId}${effect}`, renderTable(FULL_HEADER, ofCase.map(fullRow))]
  })
}

function fullRow(tally: Tally): readonly string[] {
  const cell = (call: Call) => formatProportion(shareOf(tally, call))
  return [
    tally.rule,
    tally.feed,
    cell('regression'),
    cell('improvement'),
    cell('pass'),
    cell('undecided'),
    tally.meanRounds.toFixed(1),
    formatSeconds(tally)
  ]
}

function renderRules(figures: readonly RecordingFigures[]): string {
  const byRule = Map.groupBy(
    figures.flatMap(({ tallies }) => tallies),
    ({ rule }) => rule
  )
  const rows = [...byRule.values()].flatMap(([tally]) =>
    tally === undefined ? [] : [[tally.rule, tally.settings, tally.source ?? 'docs/statistics.md']]
  )
  return renderTable(['rule', 'what it compares', 'published in'], rows)
}

function describeReading({ draws, seed }: { readonly draws: number; readonly seed: number }): string {
  return [
    `Every rule judges the same draws: up to ${draws} of every case, seed ${seed}. In brackets: 95 % intervals (Wilson) of what so many draws are worth; they do not know how other machines behave.`,
    '- **interleaved**: both sides of 24 launches drawn with replacement. Launches of identical code have their sides exchanged at random.',
    '- **sequential**: up to 24 launches in a row of one side, then as many of the other: two runs back to back, or a run and a stored result. Every start and both orders are drawn; the intervals count no more draws than there are.',
    '- **history**: up to 12 launches of the candidate, after stored results of the baseline from up to 64 launches before them. Stored results cost no time. A run is one launch of about 0.5 s a side.',
    '- **identical code flagged**: called a regression or an improvement; both are false. **found**: called a regression. **launches**, **measuring**: mean number used, and mean time of all their blocks, both sides together, without starting and warming up.'
  ].join('\n')
}
