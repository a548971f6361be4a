import type { LatencyObjective } from '#contracts/measurements.ts'
import { NS_PER_MS } from '#contracts/units.ts'
import type { Knee } from '#src/load-curve/find-knee.ts'
import type { PerSide } from '#stats/paired-sample.ts'
import type { CurvePoint, RampFacts } from '#stats/ramp-facts.ts'
import type { ScenarioFacts } from '#stats/scenario-facts.ts'
import { formatLatencies, formatRate, formatShare, formatWritten } from './format-quantity.ts'
import { plotRamp } from './plot-ramp.ts'
import type { ReportScenario } from './report-parts.ts'

type Ramp = Extract<ScenarioFacts, { kind: 'ramp' }>

/** One offered rate with both sides' latencies; a side may lack it. */
export type RampStep = { readonly ratePerS: number } & PerSide<CurvePoint | undefined>

/** The curve of a ramp as a table, with the knees and the objective marked, and a plot. */
export function detailRamp({ slo, sides }: Ramp): Omit<ReportScenario, 'caseId' | 'scenario'> {
  const steps = pairSteps(sides)
  const knees = {
    baseline: nearestStep(steps, sides.baseline.knee),
    candidate: nearestStep(steps, sides.candidate.knee)
  }
  return {
    lines: [...describeSustained(slo, sides), describeKnees(sides)],
    table: {
      head: ['Offered', 'p50', 'p95', 'p99', 'Remarks'],
      rows: steps.map((step, index) => [
        formatRate(step.ratePerS),
        ...(['p50Ns', 'p95Ns', 'p99Ns'] as const).map((name) => formatBoth(step, name)),
        remarksOn(step, { baseline: knees.baseline === index, candidate: knees.candidate === index }, slo)
      ])
    },
    plot: plotRamp(steps, slo)
  }
}

function pairSteps({ baseline, candidate }: PerSide<RampFacts>): readonly RampStep[] {
  const rates = [...new Set([...baseline.points, ...candidate.points].map(({ ratePerS }) => ratePerS))]
  const at = ({ points }: RampFacts, rate: number) => points.find(({ ratePerS }) => ratePerS === rate)
  return rates
    .toSorted((a, b) => a - b)
    .map((ratePerS) => ({ ratePerS, baseline: at(baseline, ratePerS), candidate: at(candidate, ratePerS) }))
}

/** `412 µs → 438 µs`. */
function formatBoth({ baseline, candidate }: RampStep, name: 'p50Ns' | 'p95Ns' | 'p99Ns'): string {
  return formatLatencies(baseline?.[name], candidate?.[name]).join(' → ')
}

/** The step whose rate is nearest to the knee, which lies between two; -1 without one. */
function nearestStep(steps: readonly RampStep[], knee: Knee): number {
  if (knee.kind !== 'found') return -1
  const apart = steps.map(({ ratePerS }) => Math.abs(Math.log(ratePerS / knee.ratePerS)))
  return apart.indexOf(Math.min(...apart))
}

function remarksOn(step: RampStep, isKnee: PerSide<boolean>, slo: LatencyObjective | null): string {
  const remarks = [
    saySides('knee', isKnee),
    slo === null
      ? null
      : saySides(
          'over the objective',
          perSide(step, (point) => isOver(point, slo))
        ),
    saySides(
      'does not keep up',
      perSide(step, ({ isSustained }) => !isSustained)
    ),
    describeFailed(step)
  ]
  return remarks.filter((remark) => remark !== null).join('; ')
}

function isOver(point: CurvePoint, { percentile, latencyMs }: LatencyObjective): boolean {
  const latencyNs = point[`${percentile}Ns`]
  return latencyNs === null || latencyNs > latencyMs * NS_PER_MS
}

function describeFailed({ baseline, candidate }: RampStep): string | null {
  const [before, after] = [baseline?.failedShare ?? 0, candidate?.failedShare ?? 0]
  return before + after === 0 ? null : `failed: ${formatShare(before)} → ${formatShare(after)}`
}

function perSide(step: RampStep, holds: (point: CurvePoint) => boolean): PerSide<boolean> {
  const of = (point: CurvePoint | undefined) => point !== undefined && holds(point)
  return { baseline: of(step.baseline), candidate: of(step.candidate) }
}

function saySides(what: string, { baseline, candidate }: PerSide<boolean>): string | null {
  if (baseline && candidate) return `${what} (both)`
  if (baseline) return `${what} (baseline)`
  return candidate ? `${what} (candidate)` : null
}

/** `Highest rate that keeps p95 within 20 ms: 412/s (405/s to 420/s) on the baseline, 350/s on the candidate.` */
function describeSustained(
  slo: LatencyObjective | null,
  { baseline, candidate }: PerSide<RampFacts>
): readonly string[] {
  if (slo === null) return []
  const objective = `${slo.percentile} within ${formatWritten(slo.latencyMs)} ms`
  return [
    `Highest rate that keeps ${objective}: ${sayRate(baseline)} on the baseline, ${sayRate(candidate)} on the candidate.`
  ]
}

function sayRate({ sustained, sustainedInterval }: RampFacts): string {
  switch (sustained?.kind) {
    case 'found': {
      if (sustainedInterval === null) return formatRate(sustained.ratePerS)
      const { value, low, high } = sustainedInterval
      return `${formatRate(value)} (${formatRate(low)} to ${formatRate(high)})`
    }
    case 'at_least':
      return `at least ${formatRate(sustained.ratePerS)}`
    case 'below':
      return `less than ${formatRate(sustained.ratePerS)}`
    case 'unknown':
    case undefined:
      return 'unknown'
    default:
      return sustained satisfies never
  }
}

function describeKnees({ baseline, candidate }: PerSide<RampFacts>): string {
  return `Queueing sets in: ${sayKnee(baseline.knee)} on the baseline, ${sayKnee(candidate.knee)} on the candidate.`
}

function sayKnee(knee: Knee): string {
  switch (knee.kind) {
    case 'found':
      return `at ${formatRate(knee.ratePerS)}`
    case 'below':
      return `below ${formatRate(knee.ratePerS)}`
    case 'above':
      return `above ${formatRate(knee.ratePerS)}`
    case 'unknown':
      return 'unknown'
    default:
      return knee satisfies never
  }
}
