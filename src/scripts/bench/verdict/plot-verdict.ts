import * as Plot from '@observablehq/plot'
import { parseHTML } from 'linkedom'
import { flagged, formatShare, shareOf } from './render-verdict.ts'
import { LARGE_RUN_NAME, type RecordingFigures } from './run-verdict.ts'
import type { Tally } from './tally.ts'

const PANELS = ['Identical code flagged', '+5 % found', '+2 % found'] as const
type Panel = (typeof PANELS)[number]

interface Bar {
  readonly rule: string
  readonly panel: Panel
  readonly recording: string
  readonly share: number
  readonly fill: string
  readonly label: string
}

/** A card of its own colours, so that it is readable whatever is around it. */
const STYLE = `
  svg { --card: #ffffff; --text: #1f2328; --quiet: #59636e; --grid: #d1d9e0; --track: #f3f5f7;
        --ours: #0969da; --bad: #cf222e; --other: #818b98; color: var(--text); }
  @media (prefers-color-scheme: dark) {
    svg { --card: #0d1117; --text: #f0f6fc; --quiet: #9198a1; --grid: #3d444d; --track: #1a2028;
          --ours: #4493f8; --bad: #f85149; --other: #7d8590; }
  }`

const ROW_HEIGHT = 34
const WIDTH = 860
const MARGIN_TOP = 78
const MARGIN_LEFT = 190
const MARGIN_BOTTOM = 44

/**
 * Every rule as it is used, one row each: false alarms on the left, detection on the right. The upper bar of a row is the
 * first recording, the lower one the second.
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
  const height = MARGIN_TOP + MARGIN_BOTTOM + rules.length * ROW_HEIGHT
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
    fx: { domain: PANELS, axis: null, padding: 0.16 },
    fy: { domain: rules, axis: null, padding: 0.24 },
    x: { domain: [0, 1], axis: null },
    y: { domain: recordings, axis: null, padding: 0.08 },
    marks: marksOf(bars)
  })
  const svg = chart.outerHTML
  return completeSvg(svg, { height, caption: describeBars(recordings) })
}

function marksOf(bars: readonly Bar[]): Plot.Markish[] {
  const place = { fx: 'panel', fy: 'rule', y: 'recording' }
  const firstColumn = bars.filter(({ panel }) => panel === PANELS[0])
  const names = firstColumn.filter(({ recording }) => recording === firstColumn[0]?.recording)
  return [
    Plot.barX(bars, { ...place, x: () => 1, fill: 'var(--track)' }),
    Plot.barX(bars, { ...place, x: 'share', fill: 'fill' }),
    Plot.text(bars, {
      ...place,
      x: 'share',
      text: 'label',
      textAnchor: 'start',
      dx: 5,
      fontSize: 11,
      fill: 'var(--text)',
      filter: ({ share }: Bar) => share < 0.8
    }),
    Plot.text(bars, {
      ...place,
      x: 'share',
      text: 'label',
      textAnchor: 'end',
      dx: -5,
      fontSize: 11,
      fill: 'var(--card)',
      filter: ({ share }: Bar) => share >= 0.8
    }),
    Plot.text(names, {
      fx: 'panel',
      fy: 'rule',
      frameAnchor: 'left',
      dx: -10,
      text: 'rule',
      textAnchor: 'end',
      fill: 'var(--text)',
      fontWeight: 'normal'
    })
  ]
}

function barsOf(tally: Tally, recording: string): Bar[] {
  const bar = (panel: Panel, share: number): Bar[] => {
    const isOurs = tally.source === null
    const other = panel === PANELS[0] ? 'var(--bad)' : 'var(--other)'
    return [
      { rule: tally.rule, panel, recording, share, label: formatShare(share), fill: isOurs ? 'var(--ours)' : other }
    ]
  }
  const { effect } = tally
  if (effect.kind === 'identical') return bar('Identical code flagged', flagged(tally).share)
  if (effect.kind === 'slower' && effect.percent === 5) return bar('+5 % found', shareOf(tally, 'regression').share)
  if (effect.kind === 'slower' && effect.percent === 2) return bar('+2 % found', shareOf(tally, 'regression').share)
  return []
}

function describeBars(recordings: readonly string[]): string {
  const [upper, lower] = recordings
  if (lower === undefined) return `Recording: ${upper ?? 'none'}.`
  return `Upper bar: ${upper}. Lower bar: ${lower}.`
}

/** Adds the card, the headings and the colours. */
function completeSvg(svg: string, { height, caption }: { readonly height: number; readonly caption: string }): string {
  const inner = WIDTH - MARGIN_LEFT - 16
  const panelWidth = inner / PANELS.length
  const headings = PANELS.map((panel, index) => {
    const x = MARGIN_LEFT + (index + 0.5) * panelWidth
    const wish = index === 0 ? 'should be 0 %' : 'should be 100 %'
    return `<text x="${x}" y="42" font-size="14" font-weight="600" fill="var(--text)">${panel}</text><text x="${x}" y="60" font-size="12" fill="var(--quiet)">${wish}</text>`
  }).join('')
  const card = `<style>${STYLE}</style><rect width="${WIDTH}" height="${height}" rx="8" fill="var(--card)" stroke="var(--grid)"/>`
  const foot = `<text x="${MARGIN_LEFT}" y="${height - 16}" text-anchor="start" font-size="12" fill="var(--quiet)">${escapeXml(caption)}</text>`
  return `${svg
    .replace(
      '<svg ',
      '<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="How often each rule raises a false alarm and finds a slowdown" '
    )
    .replace(/(<svg [^>]*>)/, `$1${card}${headings}${foot}`)}\n`
}

function escapeXml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}
