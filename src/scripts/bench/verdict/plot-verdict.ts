import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import type { Feed } from './evidence.ts'
import { flagged, formatShare, shareOf } from './format-tally.ts'
import { LARGE_RUN_NAME, type RecordingFigures } from './run-verdict.ts'
import type { Tally } from './tally.ts'

const PANELS = ['Identical code flagged', '+5 % found', '+2 % found', 'Slower tail found'] as const
type Panel = (typeof PANELS)[number]

interface Bar {
  readonly rule: string
  readonly panel: Panel
  readonly recording: string
  readonly share: number
  readonly isOurs: boolean
  readonly data: string
  readonly fill: string
  readonly label: string
}

const DATA: Readonly<Record<Feed, string>> = {
  interleaved: 'both sides in turns',
  sequential: 'two runs back to back',
  history: 'against stored results'
}

/** A card of its own colours, so that it is readable whatever is around it. */
const STYLE = `
  svg { --card: #ffffff; --text: #1f2328; --quiet: #59636e; --grid: #d1d9e0; --track: #f3f5f7;
        --ours: #0969da; --bad: #cf222e; --other: #6e7781; color: var(--text); }
  @media (prefers-color-scheme: dark) {
    svg { --card: #0d1117; --text: #f0f6fc; --quiet: #9198a1; --grid: #3d444d; --track: #1a2028;
          --ours: #4493f8; --bad: #f85149; --other: #7d8590; }
  }`

const SVG_ATTRIBUTES =
  'xmlns="http://www.w3.org/2000/svg" role="img" aria-label="How often each rule raises a false alarm and finds a slowdown"'

const BAR_HEIGHT = 15
const ROW_GAP = 10
const WIDTH = 1000
const MARGIN_TOP = 104
const MARGIN_LEFT = 204
const MARGIN_BOTTOM = 44

/**
 * Every rule as it is used, one row each: false alarms on the left, detection on the right, one bar for each recording.
 *
 * @returns a whole SVG file
 */
export function plotVerdict(figures: readonly RecordingFigures[]): string {
  const bars = figures.flatMap(({ recording, tallies }) =>
    tallies
      .filter(({ isUsual, rule }) => isUsual && rule !== LARGE_RUN_NAME)
      .flatMap((tally) => barsOf(tally, recording))
  )
  const rules = [...new Set(bars.map(({ rule }) => rule))]
  const recordings = figures.map(({ recording }) => recording)
  const height = MARGIN_TOP + MARGIN_BOTTOM + rules.length * (recordings.length * BAR_HEIGHT + ROW_GAP)
  const { document } = parseHTML('<html><body></body></html>')
  const chart = Plot.plot({
    document,
    width: WIDTH,
    height,
    marginTop: MARGIN_TOP,
    marginLeft: MARGIN_LEFT,
    marginRight: 16,
    marginBottom: MARGIN_BOTTOM,
    style: { fontSize: '13px' },
    fx: { domain: PANELS, axis: null, padding: 0.12 },
    fy: { domain: rules, axis: null, padding: ROW_GAP / (recordings.length * BAR_HEIGHT + ROW_GAP) },
    x: { domain: [0, 1], axis: null },
    y: { domain: recordings, axis: null, padding: 0.08 },
    marks: marksOf(bars)
  })
  const svg = chart.outerHTML
  return completeSvg(svg, { height, caption: describeBars(recordings) })
}

function marksOf(bars: readonly Bar[]): Plot.Markish[] {
  const place = { fx: 'panel', fy: 'rule', y: 'recording' }
  const label = { ...place, x: 'share', text: 'label', fontSize: 11 }
  return [
    Plot.barX(bars, { ...place, x: () => 1, fill: 'var(--track)' }),
    Plot.barX(bars, { ...place, x: 'share', fill: 'fill' }),
    Plot.text(bars, { ...label, textAnchor: 'start', dx: 5, fill: 'var(--text)', filter: fitsOutside }),
    Plot.text(bars, { ...label, textAnchor: 'end', dx: -5, fill: 'var(--card)', filter: (bar) => !fitsOutside(bar) }),
    ...headingsOf(),
    ...namesOf(bars)
  ]
}

/** A long bar has its figure inside. */
function fitsOutside({ share }: Bar): boolean {
  return share < 0.7
}

function headingsOf(): Plot.Markish[] {
  const heading = { fx: 'panel', facetAnchor: 'top', frameAnchor: 'top', lineAnchor: 'bottom' } as const
  const wishes = PANELS.map((panel) => ({ panel, wish: panel === PANELS[0] ? 'should be 0 %' : 'should be 100 %' }))
  return [
    Plot.text(wishes, { ...heading, text: 'panel', dy: -26, fontSize: 14, fontWeight: 600, fill: 'var(--text)' }),
    Plot.text(wishes, { ...heading, text: 'wish', dy: -10, fontSize: 12, fill: 'var(--quiet)' })
  ]
}

/** The name of each rule, and below it the data it lives on. */
function namesOf(bars: readonly Bar[]): Plot.Markish[] {
  const rows = bars.filter(({ panel, recording }) => panel === PANELS[0] && recording === bars[0]?.recording)
  const name = { fx: 'panel', fy: 'rule', frameAnchor: 'left', textAnchor: 'end', dx: -12 } as const
  const big = { ...name, text: 'rule', dy: -6 }
  return [
    Plot.text(rows, { ...big, fill: 'var(--ours)', fontWeight: 700, filter: ({ isOurs }: Bar) => isOurs }),
    Plot.text(rows, { ...big, fill: 'var(--text)', filter: ({ isOurs }: Bar) => !isOurs }),
    Plot.text(rows, { ...name, text: 'data', dy: 8, fontSize: 10.5, fill: 'var(--quiet)' })
  ]
}

function barsOf(tally: Tally, recording: string): Bar[] {
  const isOurs = tally.source === null
  const { rule } = tally
  const data = DATA[tally.feed]
  const bar = (panel: Panel, share: number): Bar[] => {
    const fill = isOurs ? 'var(--ours)' : panel === PANELS[0] ? 'var(--bad)' : 'var(--other)'
    return [{ rule, panel, recording, share, isOurs, data, fill, label: formatShare(share) }]
  }
  const { effect } = tally
  if (effect.kind === 'identical') return bar('Identical code flagged', flagged(tally).share)
  if (effect.kind === 'slower' && effect.percent === 5) return bar('+5 % found', shareOf(tally, 'regression').share)
  if (effect.kind === 'slower' && effect.percent === 2) return bar('+2 % found', shareOf(tally, 'regression').share)
  if (effect.kind === 'tail') return bar('Slower tail found', shareOf(tally, 'regression').share)
  return []
}

function describeBars(recordings: readonly string[]): string {
  return `Bars of a row, from above: ${recordings.join(', ')}.`
}

/** Adds the card, the title and the colours. */
function completeSvg(svg: string, { height, caption }: { readonly height: number; readonly caption: string }): string {
  const card = `<style>${STYLE}</style><rect width="${WIDTH}" height="${height}" rx="8" fill="var(--card)" stroke="var(--grid)"/>`
  const title = `<text x="24" y="34" text-anchor="start" font-size="16" font-weight="600" fill="var(--text)">False alarms and detection on the same recorded launches</text>`
  const foot = `<text x="24" y="${height - 18}" text-anchor="start" font-size="12" fill="var(--quiet)">${escapeXml(caption)}</text>`
  // Plot's own styles are for pages; this file brings its own.
  const bare = svg.replace(/<style>.*?<\/style>/s, '').replace('<svg ', `<svg ${SVG_ATTRIBUTES} `)
  return `${bare.replace(/(<svg [^>]*>)/, `$1${card}${title}${foot}`)}\n`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
