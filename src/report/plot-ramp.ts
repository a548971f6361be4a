import type { LatencyObjective } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import { formatLatency, formatRate, formatWritten, threeDigits } from './format-quantity.ts'
import type { RampStep } from './ramp-details.ts'
import type { ReportPlot } from './report-parts.ts'

/** Fewer points make no curve. */
const STEPS_MIN = 3
/** A chart with more bars than this is not readable, and GitHub draws none of unlimited size. */
const STEPS_MAX = 50
/** The axis ends here, in multiples of the objective: overload would press everything else flat. */
const OBJECTIVES_SHOWN = 3
const CELLS = 40
const SIGNS = { baseline: '●', candidate: '○', both: '◉', limit: '┊', beyond: '▶' }

/** The objective's percentile over the offered rate, as a chart and as text; null for fewer than three rates. */
export function plotRamp(steps: readonly RampStep[], slo: LatencyObjective | null): ReportPlot | null {
  if (steps.length < STEPS_MIN || steps.length > STEPS_MAX) return null
  const percentile = slo?.percentile ?? 'p95'
  const points = steps.map(({ ratePerS, baseline, candidate }) => ({
    ratePerS,
    baseline: baseline?.[`${percentile}Ns`] ?? null,
    candidate: candidate?.[`${percentile}Ns`] ?? null
  }))
  const known = points.flatMap(({ baseline, candidate }) => [baseline, candidate]).filter((ns) => ns !== null)
  if (known.length === 0) return null
  const limitNs = slo === null ? null : slo.latencyMs * NS_PER_MS
  const topNs = Math.max(
    1,
    limitNs === null ? Math.max(...known) : Math.min(Math.max(...known, limitNs * 1.1), limitNs * OBJECTIVES_SHOWN)
  )
  const curve = { percentile, points, limitNs, topNs }
  return { chart: drawChart(curve), legend: describeLegend(curve), drawing: drawText(curve) }
}

interface Point {
  readonly ratePerS: number
  /** Null: so many requests failed that there is no such percentile. */
  readonly baseline: number | null
  readonly candidate: number | null
}

interface Curve {
  readonly percentile: string
  readonly points: readonly Point[]
  readonly limitNs: number | null
  readonly topNs: number
}

/** Mermaid has no legend, so the sides differ in shape: bars and a line. Its text is ours alone. */
function drawChart({ percentile, points, limitNs, topNs }: Curve): readonly string[] {
  const ms = (ns: number | null) => Number((Math.min(ns ?? topNs, topNs) / NS_PER_MS).toPrecision(4))
  const list = (side: 'baseline' | 'candidate') => points.map((point) => ms(point[side])).join(', ')
  const rates = points.map(({ ratePerS }) => `"${threeDigits(ratePerS)}"`).join(', ')
  return [
    'xychart-beta',
    `    x-axis "requests per second" [${rates}]`,
    `    y-axis "${percentile}, ms" 0 --> ${ms(topNs)}`,
    `    bar [${list('baseline')}]`,
    `    line [${list('candidate')}]`,
    ...(limitNs === null ? [] : [`    line [${points.map(() => ms(limitNs)).join(', ')}]`])
  ]
}

function describeLegend({ percentile, limitNs, points, topNs }: Curve): string {
  const isCut = points.some(
    ({ baseline, candidate }) => (baseline ?? Infinity) > topNs || (candidate ?? Infinity) > topNs
  )
  const limit = limitNs === null ? '' : `, level line: your objective of ${formatWritten(limitNs / NS_PER_MS)} ms`
  return `${percentile} over the offered rate. Bars: baseline, line: candidate${limit}.${isCut ? ` Cut at ${formatLatency(topNs)}.` : ''}`
}

function drawText({ percentile, points, limitNs, topNs }: Curve): readonly string[] {
  const rates = points.map(({ ratePerS }) => formatRate(ratePerS))
  const width = Math.max(...rates.map((rate) => rate.length))
  const place = (ns: number | null) => (ns === null || ns > topNs ? CELLS : Math.round((ns / topNs) * (CELLS - 1)))
  const limit = limitNs === null ? '' : `, ${SIGNS.limit} objective of ${formatWritten(limitNs / NS_PER_MS)} ms`
  return [
    `${' '.repeat(width)}  ${percentile}, 0 to ${formatLatency(topNs)}: ${SIGNS.baseline} baseline, ${SIGNS.candidate} candidate, ${SIGNS.both} both${limit}, ${SIGNS.beyond} beyond`,
    ...points.map(({ baseline, candidate }, index) => {
      const cells = Array.from({ length: CELLS }, () => ' ')
      if (limitNs !== null) cells[place(limitNs)] = SIGNS.limit
      const [left, right] = [place(baseline), place(candidate)]
      if (left < CELLS) cells[left] = SIGNS.baseline
      if (right < CELLS) cells[right] = left === right ? SIGNS.both : SIGNS.candidate
      return `${(rates[index] ?? '').padStart(width)}  ${cells.join('')}${describeBeyond(left, right)}`.trimEnd()
    })
  ]
}

function describeBeyond(baseline: number, candidate: number): string {
  if (baseline < CELLS && candidate < CELLS) return ''
  if (baseline === candidate) return `${SIGNS.both}${SIGNS.beyond}`
  return `${baseline === CELLS ? SIGNS.baseline : SIGNS.candidate}${SIGNS.beyond}`
}
