import type { Send } from '#workers/load/serve-arrivals.ts'
import { type RequestOutcomes, runClosedLoop } from './closed-loop.ts'

export interface SoakOutcomes extends RequestOutcomes {
  /** Memory of the process, read after the block; empty when the last reading is too recent. */
  readonly rssBytes: number[]
  /** Requests of the case since it was loaded, at the same moments. */
  readonly inferences: number[]
}

/** Remembers, over the blocks of one case, when memory was read last. */
export interface SoakReader {
  read(inferences: number): Pick<SoakOutcomes, 'rssBytes' | 'inferences'>
}

/** An hour gives 14,400 readings of each side at most; growth is a matter of minutes. */
const READING_INTERVAL_MS = 250

/** @param deps the clock in milliseconds, and what the process occupies */
export function createSoakReader(
  deps: { readonly nowMs: () => number; readonly rssBytes: () => number } = {
    nowMs: () => performance.now(),
    rssBytes: () => process.memoryUsage.rss()
  }
): SoakReader {
  let dueMs = Number.NEGATIVE_INFINITY
  return {
    read(inferences) {
      const nowMs = deps.nowMs()
      if (nowMs < dueMs) return { rssBytes: [], inferences: [] }
      dueMs = nowMs + READING_INTERVAL_MS
      return { rssBytes: [deps.rssBytes()], inferences: [inferences] }
    }
  }
}

/**
 * One block of a long steady run: a closed loop, and a look at the process's memory when one is due. Memory is read between
 * requests, never within one.
 */
export async function runSoak(
  send: Send,
  {
    requests,
    firstIndex,
    reader
  }: { readonly requests: number; readonly firstIndex: number; readonly reader: SoakReader }
): Promise<SoakOutcomes> {
  const outcomes = await runClosedLoop(send, requests, firstIndex)
  return { ...outcomes, ...reader.read(firstIndex + requests) }
}
