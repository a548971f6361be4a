import { isTooLate, MAX_LATE_SHARE } from '#src/load-curve/late-rule.ts'
import { formatLatency } from '#src/report/format-quantity.ts'
import { compareWithAim, formatRatio } from '#src/scripts/bench/format-ratio.ts'
import { type MedianInterval, medianInterval } from '#src/scripts/bench/median-interval.ts'
import { renderTable } from '#src/scripts/bench/render-table.ts'
import { KNEE_SERVICE_MS, type KneeFigures } from './measure-knee.ts'
import type { Lateness, LatenessFigures } from './measure-lateness.ts'
import { CALM_SHARE, type Quantiles, type QueueFigures, type QueueSegment, SERVICE_MS } from './measure-queue.ts'
import type { RunnerFigures } from './measure-runners.ts'

const QUEUE_AIM = 0.05
const KNEE_AIM = 0.1
const RUNNER_AIM = { kind: 'at most', value: 1.02 } as const

export interface LoadFigures {
  readonly lateness: readonly LatenessFigures[]
  readonly queues: readonly QueueFigures[]
  readonly knee: KneeFigures
  readonly runners: readonly RunnerFigures[]
}

/** The figures of load generation as Markdown: the tables, and how they were measured. */
export function renderLoad({ lateness, queues, knee, runners }: LoadFigures, machine: string): string {
  return [
    '### Load',
    renderTable(
      ['Sent late by', 'requests', 'p50', 'p99', 'worst', 'timers: p50', 'p99', 'worst'],
      lateness.map(({ ratePerS, ours, timers }) => [
        `${ratePerS}/s`,
        String(ours.requests),
        ...latenessCells(ours),
        ...latenessCells(timers)
      ])
    ),
    'Poisson arrivals, one instance, requests that take no time. Timers: a dispatcher on an event loop that sets one `setTimeout` for the next arrival, over the same arrivals, in turns.',
    renderTable(
      ['M/D/1', 'theory', 'segments', 'late', 'over Lindley', 'over replayed', 'over theory', 'aim'],
      queues.flatMap((queue) => [queueRow(queue, 'p50Ns'), queueRow(queue, 'p99Ns')])
    ),
    `\`server\` segments on requests that take ${SERVICE_MS} ms each. Theory: sojourn time of M/D/1. Lindley: the exact queue on the same arrivals. Replayed: the same with each request's service time as it was measured, so that what the machine did to requests under way is on both sides. Medians over segments and their distribution-free intervals; segments in which more than ${100 * MAX_LATE_SHARE} % of the requests were late, or others used more than ${100 * CALM_SHARE} % of a processor, are left out. Arrivals are those of the first seeds on which the exact queue is within 2 % of theory.`,
    kneeLine(knee),
    renderTable(['p50 of a request over a bare loop', 'turns', 'ratio', 'aim'], runners.map(runnerRow)),
    'A perceptron of about 0.1 ms; each turn of a runner stands between two turns of the bare loop, in one process. Beside `multi_stream` the bare loop times eight requests together, beside `server` it waits between two requests. In brackets: distribution-free interval of the median.',
    `Measured on ${machine}.`
  ].join('\n\n')
}

function latenessCells({ p50Ns, p99Ns, worstNs }: Lateness): string[] {
  return [p50Ns, p99Ns, worstNs].map((ns) => formatLatency(ns))
}

function queueRow({ utilisation, theory, segments }: QueueFigures, quantile: keyof Quantiles): string[] {
  const valid = segments.filter(({ calm, late, requests }) => calm && !isTooLate({ late, arrivals: requests }))
  const over = (wanted: (segment: QueueSegment) => Quantiles) =>
    medianInterval(valid.map((segment) => segment.measured[quantile] / wanted(segment)[quantile]))
  const overTheory = over(() => theory)
  const late = segments.reduce((sum, segment) => sum + segment.late, 0)
  const requests = segments.reduce((sum, segment) => sum + segment.requests, 0)
  return [
    `ρ = ${utilisation}, ${quantile.slice(0, 3)}`,
    formatLatency(theory[quantile]),
    `${valid.length} of ${segments.length}`,
    `${((100 * late) / requests).toFixed(2)} %`,
    formatRatio(over((segment) => segment.computed)),
    formatRatio(over((segment) => segment.replayed)),
    formatRatio(overTheory),
    `1 ± ${QUEUE_AIM}: ${judgeCloseness(overTheory)}`
  ]
}

/** Only an interval of 95 % that lies wholly inside or wholly outside decides: it takes six segments. */
function judgeCloseness({ low, high, coverage }: MedianInterval): string {
  if (coverage < 0.95) return 'open'
  if (low >= 1 - QUEUE_AIM && high <= 1 + QUEUE_AIM) return 'reached'
  return high < 1 - QUEUE_AIM || low > 1 + QUEUE_AIM ? 'missed' : 'open'
}

function kneeLine({ found, knownPerS, steps, requests, disturbed }: KneeFigures): string {
  const how = `Knee of p50 on a ramp of ${steps} steps over requests of ${KNEE_SERVICE_MS} ms (${requests} in all; ${disturbed} steps disturbed by others)`
  if (found.kind !== 'found') return `${how}: not found (${found.kind}); known: ${knownPerS.toFixed(0)}/s.`
  const ratio = found.ratePerS / knownPerS
  const judged = Math.abs(ratio - 1) <= KNEE_AIM ? 'reached' : 'missed'
  return `${how}: ${found.ratePerS.toFixed(0)}/s; known from theory: ${knownPerS.toFixed(0)}/s; ${formatDifference(ratio)}, aim ±${100 * KNEE_AIM} %: ${judged}.`
}

function runnerRow({ name, ratios }: RunnerFigures): string[] {
  const ratio = medianInterval(ratios)
  return [name, String(ratios.length), formatRatio(ratio), compareWithAim(RUNNER_AIM, ratio)]
}

function formatDifference(ratio: number): string {
  const percent = 100 * (ratio - 1)
  return `${percent < 0 ? '−' : '+'}${Math.abs(percent).toFixed(1)} %`
}
