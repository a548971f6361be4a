import { NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import { median } from '#stats/quantile.ts'
import { createSingleInstance } from '#workers/load/instances.ts'
import type { Send } from '#workers/load/serve-arrivals.ts'
import { summariseSegment } from '#workers/load/summarise-segment.ts'
import { shuffle } from '#workers/measure/measuring-rules.ts'
import { runClosedLoop } from '#workers/scenarios/closed-loop.ts'
import { runGenerate } from '#workers/scenarios/generate.ts'
import { runMultiStream } from '#workers/scenarios/multi-stream.ts'
import { runOpenLoop } from '#workers/scenarios/open-loop.ts'
import { createSoakReader, runSoak } from '#workers/scenarios/soak.ts'

/** Requests of one turn: about 20 ms with the model that the bench uses. */
const REQUESTS = 200
/** Samples of a `multi_stream` query, and tokens of a `generate` request. */
const PARTS = 8
/** Of the model's capacity: how much a `server` is offered, so that few requests wait. */
const OFFERED_SHARE = 0.5
const WARM_UP_TURNS = 5

/** Overhead of one way to send requests, over a bare loop. */
export interface RunnerFigures {
  readonly name: string
  /** One for each turn: p50 of the runner over p50 of the bare loop next to it. */
  readonly ratios: readonly number[]
}

/** @returns p50 of one request, in nanoseconds */
type Runner = (send: Send) => Promise<number>

/** The bare loop: a request between two clock readings. */
async function runBare(send: Send): Promise<number> {
  const latenciesMs: number[] = []
  for (let sent = 0; sent < REQUESTS; sent += 1) {
    const startMs = performance.now()
    await send(sent)
    latenciesMs.push(performance.now() - startMs)
  }
  return median(latenciesMs) * NS_PER_MS
}

/** Every scenario that sends requests, with one instance. `cold_start` sends one request per process. */
function createRunners(requestNs: number): Readonly<Record<string, Runner>> {
  const reader = createSoakReader()
  const openLoop = async (send: Send, plan: Parameters<typeof runOpenLoop>[1]['plan']) => {
    const limits = { timeoutNs: null, maxQueue: null, cutNs: Number.POSITIVE_INFINITY }
    const memory = await runOpenLoop(createSingleInstance(send), { plan, limits, firstIndex: 0 })
    return median(summariseSegment(memory.arrivalsNs, memory.records).serviceNs)
  }
  const ratePerS = (OFFERED_SHARE * NS_PER_S) / requestNs
  return {
    'bare loop again': runBare,
    'single_stream, offline': async (send) => median((await runClosedLoop(send, REQUESTS)).latenciesNs),
    soak: async (send) => median((await runSoak(send, { requests: REQUESTS, firstIndex: 0, reader })).latenciesNs),
    multi_stream: async (send) => {
      const row = { queries: REQUESTS / PARTS, samplesPerQuery: PARTS, firstIndex: 0 }
      return median((await runMultiStream(createSingleInstance(send), row)).latenciesNs) / PARTS
    },
    generate: async (send) => {
      const decoder = { prefill: send, decode: () => send(0) }
      return median((await runGenerate(decoder, { requests: REQUESTS / PARTS, newTokens: PARTS, firstIndex: 0 })).itlNs)
    },
    'burst (service time)': (send) => openLoop(send, { kind: 'burst', size: REQUESTS, everyMs: 1, bursts: 1 }),
    'server, ramp (service time)': (send) =>
      openLoop(send, { kind: 'constant', ratePerS, durationNs: (REQUESTS / ratePerS) * NS_PER_S })
  }
}

/** Lets all runners and the bare loop send the same requests in turns, in random order. */
export async function measureRunners(
  send: Send,
  { seconds, random }: { readonly seconds: number; readonly random: () => number }
): Promise<readonly RunnerFigures[]> {
  for (let turn = 0; turn < WARM_UP_TURNS; turn += 1) await runBare(send)
  const runners = Object.entries(createRunners(await runBare(send)))
  const ratios = new Map<string, number[]>(runners.map(([name]) => [name, []]))
  const endMs = performance.now() + seconds * 1000
  do {
    for (const [name, run] of shuffle(runners, random)) {
      const beforeNs = await runBare(send)
      const runnerNs = await run(send)
      const afterNs = await runBare(send)
      ratios.get(name)?.push(runnerNs / ((beforeNs + afterNs) / 2))
    }
  } while (performance.now() < endMs)
  return [...ratios].map(([name, ofRunner]) => ({ name, ratios: ofRunner }))
}
