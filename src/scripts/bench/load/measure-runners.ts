import { MS_PER_S, NS_PER_MS, NS_PER_S } from '#contracts/units.ts'
import { median } from '#stats/quantile.ts'
import type { ArrivalPlan } from '#workers/load/arrival-schedule.ts'
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

interface Runner {
  readonly name: string
  readonly reference: BareLoop
  /** @returns p50 of one request, in nanoseconds; of several timed together, their mean */
  readonly run: (send: Send) => Promise<number>
}

/** What a runner is measured against: the same requests without it. */
type BareLoop = (send: Send) => Promise<number>

/** @param parts requests between two clock readings */
async function runBare(send: Send, parts = 1): Promise<number> {
  const latenciesMs: number[] = []
  for (let sent = 0; sent < REQUESTS; ) {
    const startMs = performance.now()
    for (const end = sent + parts; sent < end; sent += 1) await send(sent)
    latenciesMs.push(performance.now() - startMs)
  }
  return (median(latenciesMs) * NS_PER_MS) / parts
}

/**
 * A bare loop that waits for its next request as a server waits: a request after a pause takes longer than one right after
 * another, whoever sends it.
 */
async function runPacedBare(send: Send, periodMs: number): Promise<number> {
  const latenciesMs: number[] = []
  const originMs = performance.now()
  for (let sent = 0; sent < REQUESTS; sent += 1) {
    while (performance.now() < originMs + sent * periodMs);
    const startMs = performance.now()
    await send(sent)
    latenciesMs.push(performance.now() - startMs)
  }
  return median(latenciesMs) * NS_PER_MS
}

/** Every scenario that sends requests, with one instance. `cold_start` sends one request per process. */
function createRunners(requestNs: number): readonly Runner[] {
  const reader = createSoakReader()
  const bare: BareLoop = (send) => runBare(send)
  const openLoop = async (send: Send, plan: ArrivalPlan) => {
    const limits = { timeoutNs: null, maxQueue: null, cutNs: Number.POSITIVE_INFINITY }
    const memory = await runOpenLoop(createSingleInstance(send), { plan, limits, firstIndex: 0 })
    return median(summariseSegment(memory.arrivalsNs, memory.records).serviceNs)
  }
  const ratePerS = (OFFERED_SHARE * NS_PER_S) / requestNs
  const durationNs = (REQUESTS / ratePerS) * NS_PER_S
  const tokens = { requests: REQUESTS / PARTS, newTokens: PARTS, firstIndex: 0 }
  const queries = { queries: REQUESTS / PARTS, samplesPerQuery: PARTS, firstIndex: 0 }
  return [
    { name: 'bare loop again', reference: bare, run: bare },
    {
      name: 'single_stream, offline',
      reference: bare,
      run: async (send) => median((await runClosedLoop(send, REQUESTS)).latenciesNs)
    },
    {
      name: 'soak',
      reference: bare,
      run: async (send) => median((await runSoak(send, { requests: REQUESTS, firstIndex: 0, reader })).latenciesNs)
    },
    {
      name: 'multi_stream',
      reference: (send) => runBare(send, PARTS),
      run: async (send) => median((await runMultiStream(createSingleInstance(send), queries)).latenciesNs) / PARTS
    },
    {
      name: 'generate',
      reference: bare,
      run: async (send) => median((await runGenerate({ prefill: send, decode: () => send(0) }, tokens)).itlNs)
    },
    {
      name: 'burst (service time)',
      reference: bare,
      run: (send) => openLoop(send, { kind: 'burst', size: REQUESTS, everyMs: 1, bursts: 1 })
    },
    {
      name: 'server, ramp (service time)',
      reference: (send) => runPacedBare(send, MS_PER_S / ratePerS),
      run: (send) => openLoop(send, { kind: 'constant', ratePerS, durationNs })
    }
  ]
}

/** Lets all runners and the bare loop send the same requests in turns, in random order. */
export async function measureRunners(
  send: Send,
  { seconds, random }: { readonly seconds: number; readonly random: () => number }
): Promise<readonly RunnerFigures[]> {
  for (let turn = 0; turn < WARM_UP_TURNS; turn += 1) await runBare(send)
  const runners = createRunners(await runBare(send)).map((runner) => ({ runner, ratios: [] as number[] }))
  const endMs = performance.now() + seconds * MS_PER_S
  do {
    for (const { runner, ratios } of shuffle(runners, random)) {
      const beforeNs = await runner.reference(send)
      const runnerNs = await runner.run(send)
      const afterNs = await runner.reference(send)
      ratios.push(runnerNs / ((beforeNs + afterNs) / 2))
    }
  } while (performance.now() < endMs)
  return runners.map(({ runner, ratios }) => ({ name: runner.name, ratios }))
}
