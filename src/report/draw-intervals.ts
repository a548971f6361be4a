import { METRIC_FACTS } from '#contracts/metric.ts'
import { formatChange, formatLimitShort } from './format-change.ts'
import { type MetricOfCase, worsening, worseningInterval } from './metric-rows.ts'

/**
 * A picture of one case in monospace text: where each interval lies, seen from its limits. Every metric has its own scale,
 * on which its limits stand in the same two columns, so that "inside both lines" means the same in each row:
 *
 *                         better     0     worse
 *     p50          ±2 %      ┊       │  ╺━━●┿━━╸       +1.8 %
 */

/** Cells on each side of the middle one; the limits stand at half of it, so the picture ends at twice the limit. */
const HALF_CELLS = 18
const LIMIT_CELLS = HALF_CELLS / 2
const CELLS = 2 * HALF_CELLS + 1
const NAME_CHARS = Math.max(...Object.values(METRIC_FACTS).map(({ label }) => label.length))
const LIMIT_CHARS = 7
const GAP = ' '
/** Widest picture, in columns. */
export const PICTURE_MAX_CHARS = 70

const AXIS = { empty: ' ', zero: '│', limit: '┊' }
const INTERVAL = { estimate: '●', beyondLow: '◀', beyondHigh: '▶' }
/** The heavy line of an interval, alone and where it meets an axis. */
const LINE = { low: '╺', inside: '━', high: '╸' }
const LINE_ON_AXIS = { low: '┝', inside: '┿', high: '┥' }

/** What the signs mean, for a line beside the pictures. */
export const PICTURE_LEGEND = '● estimate, ━━ interval, ┊ your limits, │ no change, ◀ ▶ goes on'

/** Lines of the picture, at most {@link PICTURE_MAX_CHARS} wide; none when no metric of the case has an interval. */
export function drawIntervals(metrics: readonly MetricOfCase[]): readonly string[] {
  const drawn = metrics.flatMap((metric) => {
    const row = drawMetric(metric)
    return row === null ? [] : [row]
  })
  return drawn.length === 0 ? [] : [drawHeader(), ...drawn]
}

function drawHeader(): string {
  const cells = Array.from({ length: CELLS }, () => AXIS.empty)
  const [better, worse] = ['◂ better', 'worse ▸']
  cells.splice(0, better.length, ...better)
  cells.splice(CELLS - worse.length, worse.length, ...worse)
  cells.splice(HALF_CELLS, 1, '0')
  return ['limit'.padStart(NAME_CHARS + GAP.length + LIMIT_CHARS), GAP, ...cells].join('')
}

function drawMetric(metric: MetricOfCase): string | null {
  const { comparison } = metric
  const { relativeChange } = comparison
  const interval = worseningInterval(comparison)
  if (relativeChange === null || interval === null || [relativeChange, ...interval].some(Number.isNaN)) return null
  const [low, high] = [placeEnd(toLimits(interval[0], metric)), placeEnd(toLimits(interval[1], metric))]
  const estimate = place(toLimits(worsening(relativeChange, comparison.metric), metric))
  const name = METRIC_FACTS[comparison.metric].label.padEnd(NAME_CHARS)
  const limit = formatLimitShort(comparison).padStart(LIMIT_CHARS)
  const cells = drawCells(low, Math.min(Math.max(estimate, low), high), high)
  const change = formatChange(relativeChange, comparison).replace(PER_THOUSAND, '')
  return [name, limit, `${cells}  ${change}`].join(GAP).slice(0, PICTURE_MAX_CHARS)
}

/** Stands in the name of the metric's unit; there is no room for it. */
const PER_THOUSAND = /\/1k$/

/** How often the limit a change is. Ratios stand on the log scale that they are judged on. */
function toLimits(worse: number, { comparison }: MetricOfCase): number {
  const { metric, threshold } = comparison
  if (METRIC_FACTS[metric].change === 'difference') return worse / threshold
  const change = Math.max(worsening(worse, metric), LEAST_CHANGE)
  return worsening(Math.log1p(change), metric) / Math.log1p(threshold)
}

/** Least ratio that has a logarithm worth drawing. */
const LEAST_CHANGE = -0.999_999

/** The cell, counted from the middle. What is within the limits never touches their columns, what is not never seems so. */
function place(limits: number): number {
  const cell = Math.round(limits * LIMIT_CELLS)
  const isWithin = Math.abs(limits) < 1
  if (isWithin && Math.abs(cell) >= LIMIT_CELLS) return Math.sign(cell) * (LIMIT_CELLS - 1)
  if (!isWithin && Math.abs(cell) <= LIMIT_CELLS) return Math.sign(limits) * LIMIT_CELLS
  return Math.min(Math.max(cell, -HALF_CELLS - 1), HALF_CELLS + 1)
}

/** An end of an interval never hides on which side of zero it is. */
function placeEnd(limits: number): number {
  const cell = place(limits)
  return cell === 0 ? Math.sign(limits) : cell
}

function drawCells(low: number, estimate: number, high: number): string {
  const cells: string[] = []
  for (let cell = -HALF_CELLS; cell <= HALF_CELLS; cell += 1) cells.push(drawCell(cell, low, estimate, high))
  return cells.join('')
}

function drawCell(cell: number, low: number, estimate: number, high: number): string {
  if (cell === -HALF_CELLS && low < cell) return INTERVAL.beyondLow
  if (cell === HALF_CELLS && high > cell) return INTERVAL.beyondHigh
  if (cell === estimate) return INTERVAL.estimate
  const axis = axisAt(cell)
  if (cell < low || cell > high) return axis
  const line = axis === AXIS.empty ? LINE : LINE_ON_AXIS
  if (cell === low) return line.low
  return cell === high ? line.high : line.inside
}

function axisAt(cell: number): string {
  if (cell === 0) return AXIS.zero
  return Math.abs(cell) === LIMIT_CELLS ? AXIS.limit : AXIS.empty
}
