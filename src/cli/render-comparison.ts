import { NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import type { CaseComparison, InconclusiveReason, MetricComparison, RunComparison } from '#stats/verdict.ts'
import { makePrintable } from './make-printable.ts'

const HEADERS = ['metric', 'baseline', 'candidate', 'change', 'interval', 'verdict']
const NS_PER_US = 1_000
const MAX_NAMED_CASES = 3

const FOOTNOTE =
  'Baseline and candidate are pooled over all requests (slow share: mean of the rounds). Change and interval come from paired rounds.'

/** Worst first. */
const CASE_ORDER: readonly CaseComparison['verdict'][] = ['regression', 'inconclusive', 'unchanged', 'improvement']

/** A comparison as plain text for a terminal: one sentence with the verdict, then one table per case, worst first. */
export function renderComparison(comparison: RunComparison): string {
  const cases = comparison.cases.toSorted((a, b) => CASE_ORDER.indexOf(a.verdict) - CASE_ORDER.indexOf(b.verdict))
  const parts = [summarise(comparison), ...cases.map(renderCase)]
  if (cases.length > 0) parts.push(FOOTNOTE)
  return `${parts.join('\n\n')}\n`
}

function summarise({ verdict, cases }: RunComparison): string {
  if (cases.length === 0) return 'Inconclusive: there is no case to judge.'
  const some = (wanted: CaseComparison['verdict']) => countCases(cases, wanted)
  switch (verdict) {
    case 'regression':
      return `Regression: ${some('regression')} got slower.`
    case 'mixed':
      return `Mixed: ${some('regression')} got slower, ${some('improvement')} got faster.`
    case 'improvement':
      return `Improvement: ${some('improvement')} got faster.`
    case 'unchanged': {
      const improved = cases.some((item) => item.verdict === 'improvement')
      return improved
        ? `Unchanged: nothing got slower; ${some('improvement')} got faster.`
        : 'Unchanged: every case stayed inside its thresholds.'
    }
    case 'inconclusive':
      return `Inconclusive: ${some('inconclusive')} could not be decided.`
    default:
      return verdict satisfies never
  }
}

function countCases(cases: readonly CaseComparison[], wanted: CaseComparison['verdict']): string {
  const names = cases.filter(({ verdict }) => verdict === wanted).map(({ id }) => makePrintable(id))
  const shown = names.slice(0, MAX_NAMED_CASES).join(', ')
  const more = names.length > MAX_NAMED_CASES ? ', …' : ''
  return `${names.length} of ${cases.length} ${cases.length === 1 ? 'case' : 'cases'} (${shown}${more})`
}

function renderCase(item: CaseComparison): string {
  const { requests } = item
  const title = `${makePrintable(item.id)}: ${item.verdict}${item.reason === null ? '' : `, ${describeReason(item.reason)}`}`
  const basis = `  ${count(item.rounds, 'round')}, ${requests.baseline} baseline and ${requests.candidate} candidate requests`
  const table = alignColumns([HEADERS, ...item.metrics.map(renderMetric)])
  return [title, basis, ...table, ...item.warnings.map((warning) => `  ! ${makePrintable(warning)}`)].join('\n')
}

function renderMetric(row: MetricComparison): string[] {
  const [low, high] = row.interval ?? [null, null]
  return [
    row.metric.replace('_', ' '),
    formatLevel(row.baseline, row.unit),
    formatLevel(row.candidate, row.unit),
    formatChange(row.relativeChange, row.unit),
    low === null ? '–' : `${formatChange(low, row.unit)} to ${formatChange(high, row.unit)}`,
    describeVerdict(row)
  ]
}

function describeVerdict(row: MetricComparison): string {
  const limit = formatChange(row.threshold, row.unit).replace('+', '±')
  switch (row.verdict) {
    case 'regression':
    case 'improvement':
      return row.verdict
    case 'unchanged':
      return row.significant ? `unchanged (real, but below ${limit})` : 'unchanged'
    case 'not_assessed':
      return `not assessed: ${row.reason === null ? 'no data' : describeReason(row.reason)}`
    case 'inconclusive':
      return `inconclusive: ${row.reason?.kind === 'straddles_margin' ? describeStraddle(row, limit) : describeOther(row)}`
    default:
      return row.verdict satisfies never
  }
}

/** Says what is known: how bad it can be at most, and what the run could have seen. */
function describeStraddle(row: MetricComparison, limit: string): string {
  const [low, high] = row.interval ?? [0, 0]
  const worst = row.metric === 'throughput' ? low : high
  const seen =
    row.smallestDetectableChange === null
      ? ''
      : `; could have seen ${formatChange(row.smallestDetectableChange, row.unit)}`
  return `at most ${formatChange(worst, row.unit)}, limit ${limit}${seen.replace('+', '±')}`
}

function describeOther(row: MetricComparison): string {
  return row.reason === null ? 'no reason given' : describeReason(row.reason)
}

function describeReason(reason: InconclusiveReason): string {
  switch (reason.kind) {
    case 'straddles_margin':
      return 'the interval reaches past the limit'
    case 'not_significant':
      return `not certain enough for one of ${reason.comparisons} comparisons`
    case 'too_few_rounds':
      return `${count(reason.rounds, 'round')}, at least ${reason.needed} needed`
    case 'too_few_requests':
      return `${reason.requestsPerRound} requests per round and side, ${reason.needed} needed`
    case 'rounds_dropped':
      return `${reason.dropped} of ${reason.rounds} rounds dropped`
    case 'error_rates_differ':
      return `the sides fail at different rates (p = ${reason.pValue.toPrecision(2)})`
    case 'below_absolute_floor':
      return `the change is smaller than ${formatLevel(reason.floorNs, 'ns')}, which the timer cannot tell`
    case 'out_of_time':
      return 'out of time'
    case 'not_steady':
      return `the difference drifts within the rounds (p = ${reason.pValue.toPrecision(2)})`
    case 'untrusted_worker':
      return `the worker failed its calibration: ${makePrintable(reason.problem)}`
    default:
      return reason satisfies never
  }
}

function count(amount: number, noun: string): string {
  return `${amount} ${noun}${amount === 1 ? '' : 's'}`
}

function formatLevel(value: number | null, unit: MetricComparison['unit']): string {
  if (value === null) return '–'
  switch (unit) {
    case 'ns':
      return formatDuration(value)
    case 'requests/s':
      return `${formatDigits(value)}/s`
    case 'share':
      return `${(100 * value).toFixed(1)} %`
    default:
      return unit satisfies never
  }
}

function formatDuration(valueNs: number): string {
  if (valueNs < NS_PER_US) return `${formatDigits(valueNs)} ns`
  if (valueNs < NS_PER_MS) return `${formatDigits(valueNs / NS_PER_US)} µs`
  if (valueNs < NS_PER_S) return `${formatDigits(valueNs / NS_PER_MS)} ms`
  return `${formatDigits(valueNs / NS_PER_S)} s`
}

/** Four significant digits below 1000, whole numbers above. */
function formatDigits(value: number): string {
  return value < 1000 ? value.toPrecision(4) : value.toFixed(0)
}

/** Percent of the baseline; percentage points for shares. */
function formatChange(value: number | null, unit: MetricComparison['unit']): string {
  if (value === null) return '–'
  const digits = (100 * value).toFixed(1)
  const sign = value > 0 && Number(digits) !== 0 ? '+' : ''
  const text = Number(digits) === 0 ? '0.0' : digits.replace('-', '−')
  return `${sign}${text} ${unit === 'share' ? 'pp' : '%'}`
}

/** Text to the left, numbers to the right; the last column is free. */
function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = HEADERS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)))
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0
      if (column === row.length - 1) return cell
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `  ${cells.join('  ')}`
  })
}
