import { SingleBar } from 'cli-progress'
import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { makePrintable } from './make-printable.ts'

export interface ProgressDisplay {
  readonly show: (progress: BenchmarkProgress) => void
  readonly end: () => void
}

/** A bar on a terminal, one line per round elsewhere; always on standard error. */
export function createProgress(): ProgressDisplay {
  let bar: SingleBar | null = null
  function show({ phase, roundsDone, roundsMax, elapsedMs, message }: BenchmarkProgress): void {
    const text = phase === 'measuring' ? makePrintable(message) : phase
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
