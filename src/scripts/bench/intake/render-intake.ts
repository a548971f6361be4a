import { MS_PER_S, NS_PER_MS } from '#contracts/units.ts'
import { formatLatency } from '#src/report/format-quantity.ts'
import { type Aim, compareWithAim, formatRatio } from '#src/scripts/bench/format-ratio.ts'
import { type MedianInterval, medianInterval } from '#src/scripts/bench/median-interval.ts'
import { renderTable } from '#src/scripts/bench/render-table.ts'
import { median, quantileOfSorted } from '#stats/quantile.ts'
import { DELIVERY_BYTES } from './make-deliveries.ts'
import { CONNECTIONS, type Volley } from './send-deliveries.ts'
import type { TargetName } from './start-targets.ts'

const TITLES: Readonly<Record<TargetName, string>> = {
  bare: 'bare Probot app',
  embedded: 'Tailgate, embedded database',
  external: 'Tailgate, Redis and Postgres'
}

const AIMS: Readonly<Record<TargetName, Aim | null>> = {
  bare: null,
  embedded: { kind: 'at least', value: 0.6 },
  external: { kind: 'at least', value: 0.8 }
}

export interface IntakeFigures {
  readonly name: TargetName
  readonly warmUp: Volley
  /** One for each round. */
  readonly volleys: readonly Volley[]
  /** Deliveries in its database at the end; null when it has none. */
  readonly stored: number | null
}

/** The intake figures as Markdown: the table, and how it was measured. */
export function renderIntake(
  figures: readonly IntakeFigures[],
  context: { readonly machine: string; readonly skipped: string | null }
): string {
  const bare = figures.find(({ name }) => name === 'bare')
  const rounds = bare?.volleys.length ?? 0
  const intervals = figures.map((figure) => medianInterval(bare === undefined ? [] : rateRatios(figure, bare)))
  const coverage = intervals[0]?.coverage ?? 0
  return [
    '### Webhook intake',
    renderTable(
      ['20 kB deliveries', 'per second', 'p50', 'p99', 'rate / bare', 'aim', 'answered 2xx', 'stored'],
      figures.map((figure, index) => intakeRow(figure, intervals[index]))
    ),
    ...(context.skipped === null ? [] : [`${TITLES.external}: skipped, ${context.skipped}.`]),
    `Signed \`pull_request.synchronize\` deliveries of ${DELIVERY_BYTES} bytes, each with an id of its own, over ${CONNECTIONS} connections. Each target is a process of its own, warmed up; they take turns in random order for ${rounds} rounds, all on this machine together with the sender, both databases and a stand-in for GitHub that knows no pull request and answers at once. The ratio is the median over the rounds of the rates in the same round and, in brackets, its distribution-free interval (${(100 * coverage).toFixed(1)} %). The bare app has the same webhook path and an empty handler. The database flushes to disk before a delivery is answered. "Answered" and "stored" count the warm-up too; everything answered must be stored.`,
    `Measured on ${context.machine}.`
  ].join('\n\n')
}

/** Whether everything that was answered with success is in the database. What was stored and not answered is no loss. */
export function isLossless(figures: IntakeFigures): boolean {
  return figures.stored === null || figures.stored >= countAccepted(figures)
}

function intakeRow(figures: IntakeFigures, interval: MedianInterval | undefined): string[] {
  const { name, volleys, stored } = figures
  const latenciesMs = volleys.flatMap((volley) => volley.latenciesMs).sort((left, right) => left - right)
  const aim = AIMS[name]
  const isCompared = aim !== null && interval !== undefined
  return [
    TITLES[name],
    String(Math.round(median(volleys.map(ratePerSecond)))),
    formatLatency(quantileOfSorted(latenciesMs, 0.5) * NS_PER_MS),
    formatLatency(quantileOfSorted(latenciesMs, 0.99) * NS_PER_MS),
    isCompared ? formatRatio(interval) : '1',
    isCompared ? compareWithAim(aim, interval) : '',
    `${countAccepted(figures)} of ${countSent(figures)}`,
    stored === null ? '–' : `${stored}${isLossless(figures) ? '' : ' (lost!)'}`
  ]
}

function rateRatios(figures: IntakeFigures, bare: IntakeFigures): number[] {
  return figures.volleys.flatMap((volley, round) => {
    const reference = bare.volleys[round]
    return reference === undefined ? [] : [ratePerSecond(volley) / ratePerSecond(reference)]
  })
}

function ratePerSecond({ accepted, elapsedMs }: Volley): number {
  return (accepted * MS_PER_S) / elapsedMs
}

function countAccepted({ warmUp, volleys }: IntakeFigures): number {
  return [warmUp, ...volleys].reduce((sum, { accepted }) => sum + accepted, 0)
}

function countSent({ warmUp, volleys }: IntakeFigures): number {
  return [warmUp, ...volleys].reduce((sum, { accepted, refused }) => sum + accepted + refused, 0)
}
