import { NS_PER_MS } from '#contracts/units.ts'
import { formatLatency } from '#src/report/format-quantity.ts'
import { compareWithAim, formatRatio } from '#src/scripts/bench/format-ratio.ts'
import { medianInterval } from '#src/scripts/bench/median-interval.ts'
import { renderTable } from '#src/scripts/bench/render-table.ts'
import { median } from '#stats/quantile.ts'
import type { HandOver } from './measure-hand-over.ts'
import type { LaunchOverhead } from './measure-overhead.ts'

const OVERHEAD_AIM = { kind: 'at most', value: 1.02 } as const
const HAND_OVER_AIM_MS = 0.3

export interface HarnessFigures {
  readonly name: string
  readonly launches: readonly LaunchOverhead[]
  readonly handOver: HandOver
}

/** The harness figures as Markdown: the tables, and how they were measured. */
export function renderHarness(
  figures: readonly HarnessFigures[],
  context: { readonly machine: string; readonly sandbox: 'bubblewrap' | 'none' }
): string {
  const launches = Math.max(0, ...figures.map((figure) => figure.launches.length))
  const coverage = Math.max(0, ...figures.map((figure) => ratioOf(figure, 'sideRatio').coverage))
  return [
    '### Harness overhead',
    renderTable(
      ['`single_stream` p50', 'bare loop', 'side process', 'side / bare', 'aim', 'bare / bare'],
      figures.map(overheadRow)
    ),
    `Side process: the worker's own (${describeSandbox(context.sandbox)}), asked for one block at a time over its channel. Bare loop: \`await session.run(feeds)\` between two clock readings, in a process of its own with the same options and tensors. Both are alive at the same time and take turns in segments of about 50 ms with equal numbers of requests, in random order. Each of the ${launches} launches starts fresh processes and gives the median over its segments; the table shows the median over the launches and, in brackets, its distribution-free interval (${formatPercent(coverage)}). "bare / bare" is a second bare loop over the first: what two equal processes differ by on this machine.`,
    renderTable(
      ['Hand-over between the sides', 'hand-overs', 'median', 'p99', 'aim (median)', 'share of the time'],
      figures.map(handOverRow)
    ),
    "Hand-over: time without a request under way between the start of one block and the start of the next (by the supervisor's clock, less the latencies of the block), in one round measured by the worker's own code with both sides alike.",
    `Measured on ${context.machine}.`
  ].join('\n\n')
}

function overheadRow(figure: HarnessFigures): string[] {
  const ratio = ratioOf(figure, 'sideRatio')
  return [
    figure.name,
    formatLatency(median(figure.launches.map((launch) => launch.bareP50Ns))),
    formatLatency(median(figure.launches.map((launch) => launch.sideP50Ns))),
    formatRatio(ratio),
    compareWithAim(OVERHEAD_AIM, ratio),
    formatRatio(ratioOf(figure, 'controlRatio'))
  ]
}

function handOverRow({ name, handOver }: HarnessFigures): string[] {
  return [
    name,
    String(handOver.handOvers),
    formatLatency(handOver.p50Ms * NS_PER_MS),
    formatLatency(handOver.p99Ms * NS_PER_MS),
    `< ${HAND_OVER_AIM_MS} ms: ${handOver.p50Ms < HAND_OVER_AIM_MS ? 'reached' : 'missed'}`,
    formatPercent(handOver.share)
  ]
}

function ratioOf({ launches }: HarnessFigures, ratio: 'sideRatio' | 'controlRatio') {
  return medianInterval(launches.map((launch) => launch[ratio]))
}

function describeSandbox(sandbox: 'bubblewrap' | 'none'): string {
  return sandbox === 'bubblewrap' ? 'inside bubblewrap' : 'without bubblewrap, which is not usable here'
}

function formatPercent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
