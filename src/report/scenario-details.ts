import type { CaseSpec } from '#contracts/case.ts'
import type { PhaseFacts, StartPhase } from '#stats/cold-start-facts.ts'
import type { LevelInterval } from '#stats/level-interval.ts'
import type { OpenLoopFacts } from '#stats/open-loop-facts.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import type { Quantiles } from '#stats/quantiles.ts'
import type { ScenarioFacts } from '#stats/scenario-facts.ts'
import type { SoakFacts } from '#stats/soak-facts.ts'
import type { TokenFacts } from '#stats/token-facts.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { describeScenario } from './describe-scenario.ts'
import { formatBytes, formatCount, formatLatencies, formatLatency, formatRate, formatShare } from './format-quantity.ts'
import { detailRamp } from './ramp-details.ts'
import type { ReportScenario } from './report-parts.ts'

/** What a scenario met, beyond its metrics: a table per case, and for a ramp a plot. */
export function describeScenarioFacts(
  comparison: CaseComparison | undefined,
  spec: CaseSpec | undefined
): readonly ReportScenario[] {
  if (comparison?.facts === undefined) return []
  const { id, facts, metrics } = comparison
  const detail = detailFacts(facts, metrics)
  if (detail.table.rows.length === 0) return []
  return [{ caseId: id, scenario: spec === undefined ? null : describeScenario(spec.scenario), ...detail }]
}

type Detail = Omit<ReportScenario, 'caseId' | 'scenario'>

function detailFacts(facts: ScenarioFacts, metrics: CaseComparison['metrics']): Detail {
  switch (facts.kind) {
    case 'open_loop':
      return tableOf(listOpenLoop(facts.sides))
    case 'ramp':
      return detailRamp(facts)
    case 'cold_start':
      return detailColdStart(facts.phases)
    case 'generate':
      return tableOf(listTokens(facts.sides))
    case 'soak':
      return tableOf(listSoak(facts.sides, metrics))
    default:
      return facts satisfies never
  }
}

type SideRow = readonly [name: string, baseline: string, candidate: string]

function tableOf(rows: readonly SideRow[]): Detail {
  const told = rows.filter(([, baseline, candidate]) => baseline !== '–' || candidate !== '–')
  return { lines: [], table: { head: ['', 'Baseline', 'Candidate'], rows: told }, plot: null }
}

/** What is less would be shown as nothing. */
const LATE_SHARE_TOLD = 0.0005

function listOpenLoop({ baseline, candidate }: PerSide<OpenLoopFacts>): readonly SideRow[] {
  const row = (name: string, of: (facts: OpenLoopFacts) => string): SideRow => [name, of(baseline), of(candidate)]
  const ifAny = (name: string, of: (facts: OpenLoopFacts) => number): readonly SideRow[] =>
    of(baseline) + of(candidate) > 0 ? [row(name, (facts) => formatCount(of(facts)))] : []
  return [
    row('requests offered', ({ offeredPerS }) => formatKnown(offeredPerS, formatRate)),
    row('requests answered', describeAnswered),
    ...listQuantiles('waiting in the queue', baseline.queue, candidate.queue),
    ...listQuantiles('service', baseline.service, candidate.service),
    ...ifAny('failed', ({ failed }) => failed),
    ...ifAny('of them dropped', ({ dropped }) => dropped),
    ...ifAny('of them timed out', ({ timedOut }) => timedOut),
    ...(Math.max(baseline.lateShare ?? 0, candidate.lateShare ?? 0) >= LATE_SHARE_TOLD
      ? [row('sent late by the harness', ({ lateShare }) => formatKnown(lateShare, formatShare))]
      : [])
  ]
}

function describeAnswered({ achievedPerS, keepsUp }: OpenLoopFacts): string {
  const rate = formatKnown(achievedPerS, formatRate)
  return keepsUp ? rate : `${rate}, does not keep up`
}

function listQuantiles(name: string, baseline: Quantiles | null, candidate: Quantiles | null): readonly SideRow[] {
  if (baseline === null && candidate === null) return []
  return (['p50', 'p95'] as const).map((quantile) => {
    return [`${name}, ${quantile}`, ...formatLatencies(baseline?.[quantile], candidate?.[quantile])]
  })
}

const PHASES: Readonly<Record<StartPhase, string>> = {
  process: 'start the process',
  require: 'load the engine',
  create: 'create the session',
  first: 'first inference'
}

function detailColdStart(phases: readonly PhaseFacts[]): Detail {
  const rows = phases.map(({ phase, levels, difference }) => {
    return [
      PHASES[phase],
      ...formatLatencies(levels.baseline, levels.candidate),
      difference === null ? '–' : signedLatency(difference.value),
      difference === null ? '–' : `${signedLatency(difference.low)} to ${signedLatency(difference.high)}`
    ]
  })
  return { lines: [], table: { head: ['Phase', 'Baseline', 'Candidate', 'Difference', 'Interval'], rows }, plot: null }
}

function signedLatency(ns: number): string {
  const sign = ns > 0 ? '+' : ns < 0 ? '−' : ''
  return `${sign}${formatLatency(Math.abs(ns))}`
}

function listTokens({ baseline, candidate }: PerSide<TokenFacts>): readonly SideRow[] {
  const row = (name: string, of: (facts: TokenFacts) => string): SideRow => [name, of(baseline), of(candidate)]
  return [
    ...listQuantiles('first token', baseline.ttft, candidate.ttft),
    ...listQuantiles('token to token', baseline.itl, candidate.itl),
    row('tokens per second', ({ tokensPerS }) => formatKnown(tokensPerS, formatRate)),
    row('good requests', ({ goodShare }) => formatKnown(goodShare, formatShare)),
    row('requests', ({ requests }) => formatCount(requests)),
    row('tokens', ({ tokens }) => formatCount(tokens))
  ]
}

function listSoak({ baseline, candidate }: PerSide<SoakFacts>, metrics: CaseComparison['metrics']): readonly SideRow[] {
  const row = (name: string, of: (facts: SoakFacts) => string): SideRow => [name, of(baseline), of(candidate)]
  const drift = metrics.find(({ metric }) => metric === 'latency_drift')
  return [
    row('peak memory', ({ peakBytes }) => formatKnown(peakBytes, formatBytes)),
    row('memory growth per 1,000 requests', ({ growth }) => describeGrowth(growth)),
    [
      'growth of the latency',
      formatKnown(drift?.baseline ?? null, formatShare),
      formatKnown(drift?.candidate ?? null, formatShare)
    ]
  ]
}

/** `65.5 kB (60.1 kB to 70.8 kB)`. */
function describeGrowth(growth: LevelInterval | null): string {
  if (growth === null) return '–'
  const [value, low, high] = [growth.value, growth.low, growth.high].map(formatBytes)
  return `${value} (${low} to ${high})`
}

function formatKnown(level: number | null, format: (level: number) => string): string {
  return level === null ? '–' : format(level)
}
