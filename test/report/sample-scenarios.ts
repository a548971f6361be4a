import { metricsOf } from '#contracts/metric.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import type { Judged } from '#src/report/unmeasured.ts'
import type { CurvePoint, RampFacts } from '#stats/ramp-facts.ts'
import type { ScenarioFacts } from '#stats/scenario-facts.ts'
import type { CaseComparison, Verdict } from '#stats/verdict.ts'
import { checksOf } from './sample-checks.ts'
import { caseWith, judged, metric, specWith } from './sample-outcomes.ts'

/** A run of one case of each scenario that has facts of its own. */

const SPECS: Readonly<Record<ScenarioFacts['kind'] | 'burst', ScenarioSpec>> = {
  open_loop: {
    kind: 'server',
    ratePerS: 400,
    arrival: 'poisson',
    instances: 2,
    timeoutMs: 250,
    maxQueue: 1000,
    seed: 1
  },
  burst: { kind: 'burst', size: 32, everyMs: 500, instances: 2 },
  ramp: {
    kind: 'ramp',
    fromPerS: 100,
    toPerS: 600,
    steps: 6,
    arrival: 'poisson',
    instances: 2,
    slo: { percentile: 'p95', latencyMs: 20 },
    seed: 1
  },
  cold_start: { kind: 'cold_start' },
  generate: {
    kind: 'generate',
    promptTokens: 128,
    newTokens: 64,
    goodput: { ttftMs: 200, itlMs: 20 },
    tokenInput: null,
    logitsOutput: null
  },
  soak: { kind: 'soak', seconds: 120 }
}

const LATENCY = { p50: 4.1e6, p95: 9.8e6, p99: 21e6 }
const OPEN_LOOP: ScenarioFacts = {
  kind: 'open_loop',
  sides: {
    baseline: {
      offeredPerS: 400,
      achievedPerS: 399.6,
      keepsUp: true,
      arrivals: 28_800,
      answered: 28_800,
      dropped: 0,
      timedOut: 0,
      failed: 0,
      lateShare: 0.0004,
      latency: LATENCY,
      queue: { p50: 12_000, p95: 1.2e6, p99: 4e6 },
      service: { p50: 4e6, p95: 5.2e6, p99: 6e6 }
    },
    candidate: {
      offeredPerS: 400,
      achievedPerS: 371,
      keepsUp: false,
      arrivals: 28_800,
      answered: 28_460,
      dropped: 300,
      timedOut: 40,
      failed: 340,
      lateShare: 0,
      latency: LATENCY,
      queue: { p50: 310_000, p95: 35e6, p99: 80e6 },
      service: { p50: 4.01e6, p95: 5.3e6, p99: 6.1e6 }
    }
  }
}

function curve(slowdown: number): readonly CurvePoint[] {
  return [100, 200, 300, 400, 500, 600].map((ratePerS) => {
    const load = (ratePerS * slowdown) / 620
    const isLost = load >= 1
    const latencyNs = 4e6 / Math.max(0.01, 1 - load)
    return {
      ratePerS,
      p50Ns: isLost ? 900e6 : latencyNs,
      p95Ns: isLost ? null : latencyNs * 2.1,
      p99Ns: isLost ? null : latencyNs * 3.4,
      failedShare: isLost ? 0.083 : 0,
      isSustained: !isLost
    }
  })
}

function ramp(slowdown: number, knee: RampFacts['knee'], rate: number): RampFacts {
  return {
    points: curve(slowdown),
    knee,
    sustained: { kind: 'found', ratePerS: rate },
    sustainedInterval: { value: rate, low: rate * 0.98, high: rate * 1.02 },
    roundsAbove: 0,
    roundsBelow: 0
  }
}

const FACTS: Readonly<Record<keyof typeof SPECS, ScenarioFacts>> = {
  open_loop: OPEN_LOOP,
  burst: OPEN_LOOP,
  ramp: {
    kind: 'ramp',
    slo: { percentile: 'p95', latencyMs: 20 },
    sides: {
      baseline: ramp(1, { kind: 'found', ratePerS: 310, latencyNs: 17e6 }, 358),
      candidate: ramp(1.25, { kind: 'found', ratePerS: 248, latencyNs: 17e6 }, 287)
    }
  },
  cold_start: {
    kind: 'cold_start',
    phases: (['process', 'require', 'create', 'first'] as const).map((phase, index) => ({
      phase,
      levels: { baseline: 30e6 + index * 20e6, candidate: phase === 'create' ? 108e6 : 30.2e6 + index * 20e6 },
      ratio: { value: 1.01, low: 0.99, high: 1.03 },
      difference:
        phase === 'create' ? { value: 38e6, low: 30e6, high: 46e6 } : { value: 0.2e6, low: -0.6e6, high: 1.1e6 }
    }))
  },
  generate: {
    kind: 'generate',
    objective: { ttftMs: 200, itlMs: 20 },
    sides: {
      baseline: {
        requests: 480,
        tokens: 30_720,
        ttft: { p50: 38e6, p95: 44e6, p99: 61e6 },
        itl: { p50: 5.2e6, p95: 6.1e6, p99: 9e6 },
        tokensPerS: 187,
        goodShare: 0.97
      },
      candidate: {
        requests: 480,
        tokens: 30_720,
        ttft: { p50: 38.4e6, p95: 44.2e6, p99: 60e6 },
        itl: { p50: 4.6e6, p95: 5.4e6, p99: 8e6 },
        tokensPerS: 211,
        goodShare: 0.981
      }
    }
  },
  soak: {
    kind: 'soak',
    sides: {
      baseline: { peakBytes: 212e6, growth: { value: 900, low: -400, high: 2100 } },
      candidate: { peakBytes: 371e6, growth: { value: 1.77e6, low: 1.71e6, high: 1.83e6 } }
    }
  }
}

function caseOf(name: keyof typeof SPECS, verdict: Verdict): CaseComparison {
  const scenario = SPECS[name].kind
  const called = verdict === 'regression' ? 0.08 : verdict === 'improvement' ? -0.11 : 0.003
  const sign = (better: boolean) => (better ? -1 : 1)
  const metrics = metricsOf(scenario).map((item) => {
    if (item === 'memory_growth') return metric(item, 1.76e6, 60_000, verdict)
    if (item === 'sustained_rate') return { ...metric(item, -0.198, 0.012, verdict), baseline: 358, candidate: 287 }
    if (item === 'goodput') return metric(item, 0.011, 0.004, 'unchanged')
    if (item === 'latency_drift' || item === 'slow_share') return metric(item, 0.001, 0.004, 'unchanged')
    const isRate = ['throughput', 'tokens_per_s'].includes(item)
    return metric(item, called * sign(isRate), 0.008, verdict)
  })
  return { ...caseWith(`enc/default/${scenario}`, verdict, 0.08), scenario, metrics, facts: FACTS[name] }
}

export function scenarioRun(name: keyof typeof SPECS, verdict: Verdict = 'regression'): Judged {
  const comparison = caseOf(name, verdict)
  const spec = { ...specWith(comparison.id), scenario: SPECS[name] }
  return judged(verdict, [comparison], { cases: [spec], checks: [checksOf(comparison.id)] })
}
