import type { CostComparison } from '#src/budgets/cost.ts'
import type { CaseResources, ResourceLevels } from './case-resources.ts'
import { formatChange, formatInterval } from './format-change.ts'
import { formatBytes, formatLatencies, threeDigits } from './format-quantity.ts'
import type { CaseChecks } from './outcome.ts'
import type { ReportAmount } from './report-parts.ts'
import { code, prose, type RichText } from './rich-text.ts'

/** Currencies whose name or sign means nothing to Markdown. */
const PLAIN_CURRENCY = /^(?:[A-Z]{3}|[€£¥₩₹])$/u
/** Of a ratio without a limit. */
const RATIO = { unit: 'ns', threshold: Number.MAX_VALUE } as const

/** What cases cost and take, of both sides: described, not judged. */
export function listAmounts(checks: readonly CaseChecks[]): readonly ReportAmount[] {
  return checks.flatMap(({ caseId, cost, resources }) => [
    ...(cost === null ? [] : [formatCost(caseId, cost)]),
    ...(resources == null ? [] : listResources(caseId, resources))
  ])
}

/** `A million inferences cost 0.437 USD, 0.412 USD before (+6.2 %).` */
export function describeCost({ cost }: CaseChecks): RichText | null {
  if (cost === null || cost.baseline === null || cost.candidate === null) return null
  const change = cost.relativeChange === null ? '' : ` (${formatChange(cost.relativeChange, RATIO)})`
  return prose`A million ${cost.of} cost ${money(cost.candidate, cost.currency)}, ${money(cost.baseline, cost.currency)} before${change}.`
}

function formatCost(
  caseId: string,
  { of, currency, baseline, candidate, relativeChange, interval }: CostComparison
): ReportAmount {
  return {
    caseId,
    what: `cost of a million ${of}`,
    baseline: money(baseline, currency),
    candidate: money(candidate, currency),
    change: relativeChange === null ? '–' : formatChange(relativeChange, RATIO),
    interval: interval === null ? '–' : formatInterval(interval, RATIO)
  }
}

function money(amount: number | null, currency: string): RichText {
  if (amount === null) return ['–']
  return PLAIN_CURRENCY.test(currency)
    ? [`${threeDigits(amount)} ${currency}`]
    : prose`${threeDigits(amount)} ${code(currency)}`
}

function listResources(caseId: string, { baseline, candidate }: CaseResources): readonly ReportAmount[] {
  const bytes = (what: string, name: keyof ResourceLevels) =>
    amountOf({ caseId, what }, [baseline[name], candidate[name]], (levels) =>
      levels.map((level) => (level === null ? '–' : formatBytes(level)))
    )
  return [
    ...bytes('peak memory of the process', 'peakRssBytes'),
    ...bytes('GPU memory', 'gpuMemoryBytes'),
    ...amountOf(
      { caseId, what: 'CPU time per inference' },
      [baseline.cpuTimePerInferenceNs, candidate.cpuTimePerInferenceNs],
      ([before = null, after = null]) => formatLatencies(before, after)
    )
  ]
}

function amountOf(
  about: Pick<ReportAmount, 'caseId' | 'what'>,
  levels: readonly [baseline: number | null, candidate: number | null],
  format: (levels: readonly (number | null)[]) => readonly string[]
): readonly ReportAmount[] {
  const [before, after] = levels
  if (before === null && after === null) return []
  const [baseline = '–', candidate = '–'] = format(levels)
  const change = before === null || after === null || before <= 0 ? '–' : formatChange(after / before - 1, RATIO)
  return [{ ...about, baseline: [baseline], candidate: [candidate], change, interval: '–' }]
}
