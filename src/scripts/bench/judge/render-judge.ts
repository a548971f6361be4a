import { MS_PER_S } from '#contracts/units.ts'
import { formatRatio } from '#src/scripts/bench/format-ratio.ts'
import { medianInterval } from '#src/scripts/bench/median-interval.ts'
import { renderTable } from '#src/scripts/bench/render-table.ts'
import type { Pauses } from './measure-pause.ts'

const TIME_AIM_S = 2
const MEMORY_AIM_MB = 500

/** One shape of file, judged and merely parsed, in turns. */
export interface JudgeFigures {
  readonly name: string
  readonly fileMb: number
  readonly runs: readonly {
    readonly judgeMs: number
    /** Processor time of judging. */
    readonly cpuMs: number
    readonly parseMs: number
    readonly peakMb: number
    readonly parsePeakMb: number
  }[]
}

/** What judging a million latencies takes, as Markdown. */
export function renderJudge(figures: readonly JudgeFigures[], pauses: Pauses, machine: string): string {
  return [
    '### Judging a million latencies',
    renderTable(
      [
        'file',
        'size',
        '`judge`',
        `aim < ${TIME_AIM_S} s`,
        'processor time',
        '`JSON.parse`',
        'ratio',
        'peak memory',
        `aim < ${MEMORY_AIM_MB} MB`
      ],
      figures.map(renderRow)
    ),
    `\`tailgate judge FILE\` as a user runs it, from the start of its process to the printed verdict. \`JSON.parse\`: a bare Node process that reads and parses the same file, run in turns with it; the ratio shows its median and distribution-free interval. Times are medians; processor time counts all threads and tells a busy machine from slow code; memory is the largest resident set of any run, the reference's own in brackets.`,
    `Longest turn of the bot's event loop while a result of a million latencies is judged: ${formatMs(pauses.ownProcessMs)}; judged on the event loop itself it would be ${formatMs(pauses.onLoopMs)}.`,
    `Measured on ${machine}.`
  ].join('\n\n')
}

function renderRow({ name, fileMb, runs }: JudgeFigures): string[] {
  const judgeS = medianInterval(runs.map(({ judgeMs }) => judgeMs)).median / MS_PER_S
  const cpuS = medianInterval(runs.map(({ cpuMs }) => cpuMs)).median / MS_PER_S
  const parseS = medianInterval(runs.map(({ parseMs }) => parseMs)).median / MS_PER_S
  const peakMb = Math.max(...runs.map((run) => run.peakMb))
  const parsePeakMb = Math.max(...runs.map((run) => run.parsePeakMb))
  return [
    name,
    `${fileMb.toFixed(0)} MB`,
    `${judgeS.toFixed(2)} s`,
    judgeS < TIME_AIM_S ? 'reached' : 'missed',
    `${cpuS.toFixed(2)} s`,
    `${parseS.toFixed(2)} s`,
    formatRatio(medianInterval(runs.map(({ judgeMs, parseMs }) => judgeMs / parseMs))),
    `${peakMb.toFixed(0)} MB (${parsePeakMb.toFixed(0)})`,
    peakMb < MEMORY_AIM_MB ? 'reached' : 'missed'
  ]
}

function formatMs(ms: number): string {
  return `${ms.toFixed(0)} ms`
}
