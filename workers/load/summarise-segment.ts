import { OUTCOME, type Outcome, type SegmentRecords } from './segment-memory.ts'

/**
 * A request is late when it was sent so much later than it could have been. It then measures the harness, or a machine that
 * was elsewhere, and not the model. docs/scenarios.md "Late requests" has the data behind the two numbers.
 */
const LATE_NS = 1_000_000
const LATE_SHARE_OF_SERVICE = 0.01

/** What a segment measured: series have one number per answered request, in the order of arrivals. */
export interface SegmentSummary {
  readonly arrivals: number
  /** From the intended arrival until the answer. */
  readonly latenciesNs: number[]
  /** From the intended arrival until it was sent. */
  readonly queueNs: number[]
  /** From when it was sent until the answer. */
  readonly serviceNs: number[]
  /** Failed, timed out, dropped and cut: all that were not answered. */
  readonly errors: number
  readonly timedOut: number
  readonly dropped: number
  readonly cut: number
  /** Requests sent later than they could have been, by more than {@link lateToleranceNs}. */
  readonly late: number
  /** How late each request that was sent was, in the order of arrivals. */
  readonly latenessNs: number[]
  /** From the first intended arrival until the last answer; 0 when there was none. */
  readonly lastNs: number
}

/** @param meanServiceNs of the segment's requests */
export function lateToleranceNs(meanServiceNs: number): number {
  return Math.max(LATE_NS, LATE_SHARE_OF_SERVICE * meanServiceNs)
}

/** Works out what happened in a segment from its schedule and its records. */
export function summariseSegment(arrivalsNs: Float64Array, records: SegmentRecords): SegmentSummary {
  const latenciesNs: number[] = []
  const queueNs: number[] = []
  const serviceNs: number[] = []
  let lastNs = 0
  for (const [index, arrivalNs] of arrivalsNs.entries()) {
    if (records.outcomes[index] !== OUTCOME.answered) continue
    const startNs = records.startNs[index] ?? Number.NaN
    const endNs = records.endNs[index] ?? Number.NaN
    latenciesNs.push(roundNs(endNs - arrivalNs, 1))
    queueNs.push(roundNs(startNs - arrivalNs, 0))
    serviceNs.push(roundNs(endNs - startNs, 1))
    lastNs = Math.max(lastNs, endNs - (arrivalsNs[0] ?? 0))
  }
  const latenessNs = listLateness(arrivalsNs, records)
  const toleranceNs = lateToleranceNs(mean(serviceNs))
  return {
    arrivals: arrivalsNs.length,
    latenciesNs,
    queueNs,
    serviceNs,
    errors: arrivalsNs.length - latenciesNs.length,
    timedOut: countOutcome(records, OUTCOME.timedOut),
    dropped: countOutcome(records, OUTCOME.dropped),
    cut: countOutcome(records, OUTCOME.cut),
    late: latenessNs.filter((ns) => ns > toleranceNs).length,
    latenessNs,
    lastNs: Math.round(lastNs)
  }
}

/** How much later than possible each request was sent: after it had arrived and an instance was free. */
function listLateness(arrivalsNs: Float64Array, { freeNs, startNs, outcomes }: SegmentRecords): number[] {
  const latenessNs: number[] = []
  for (const [index, outcome] of outcomes.entries()) {
    if (outcome !== OUTCOME.answered && outcome !== OUTCOME.failed) continue
    const possibleNs = Math.max(arrivalsNs[index] ?? Number.NaN, freeNs[index] ?? Number.NaN)
    latenessNs.push(Math.max(0, (startNs[index] ?? Number.NaN) - possibleNs))
  }
  return latenessNs
}

function countOutcome({ outcomes }: SegmentRecords, wanted: Outcome): number {
  let count = 0
  for (const outcome of outcomes) if (outcome === wanted) count += 1
  return count
}

function roundNs(ns: number, leastNs: number): number {
  return Math.max(leastNs, Math.round(ns))
}

function mean(values: readonly number[]): number {
  let total = 0
  for (const value of values) total += value
  return values.length === 0 ? 0 : total / values.length
}
