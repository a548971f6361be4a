import { SingleBar } from 'cli-progress'
import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { formatForecast } from '#src/report/format-quantity.ts'
import { makePrintable } from './make-printable.ts'

export interface ProgressDisplay {
  readonly show: (progress: BenchmarkProgress) => void
  readonly end: () => void
}

/** A bar on a terminal, one line per round elsewhere; always on standard error. */
export function createProgress(): ProgressDisplay {
  let bar: SingleBar | null = null
  function show(progress: BenchmarkProgress): void {
    const { phase, roundsDone, roundsMax, elapsedMs, message } = progress
    const text = (phase === 'measuring' ? makePrintable(message) : phase) + describeTimeLeft(progress)
    if (!process.stderr.isTTY) {
      process.stderr.write(`[${Math.round(elapsedMs / MS_PER_S)} s] ${text}\n`)
      return
    }
    if (bar === null) {
      bar = new SingleBar({ format: '{bar} {value}/{total} rounds · {text}', hideCursor: true, stream: process.stderr })
      bar.start(roundsMax, roundsDone, { text })
    }
    bar.update(roundsDone, { text })
  }
  function end(): void {
    bar?.stop()
    bar = null
  }
  return { show, end }
}

/** From the rounds so far; nothing before the first one and after the last. */
export function describeTimeLeft({ phase, roundsDone, roundsMax, elapsedMs }: BenchmarkProgress): string {
  const roundsLeft = roundsMax - roundsDone
  if (phase !== 'measuring' || roundsDone === 0 || roundsLeft <= 0) return ''
  return `, at most ${formatForecast((elapsedMs / roundsDone) * roundsLeft)} left`
}

/** Runs something that Ctrl-C (or SIGTERM) asks to stop; a second one ends the program at once. */
export async function untilInterrupted<Value>(work: (signal: AbortSignal) => Promise<Value>): Promise<Value> {
  const abort = new AbortController()
  const interrupt = () => abort.abort(new Error('interrupted'))
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.once(signal, interrupt)
  try {
    return await work(abort.signal)
  } finally {
    for (const signal of signals) process.removeListener(signal, interrupt)
  }
}
