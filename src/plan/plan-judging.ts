import type { BudgetName, Budgets, Price } from '#contracts/budgets.ts'
import type { Thresholds } from '#contracts/measurements.ts'
import type { ScenarioKind } from '#contracts/scenario.ts'
import type { TailgateConfig } from '#src/config/config.schema.ts'
import type { ThresholdName } from '#src/config/thresholds.schema.ts'
import { ownValue } from './own-value.ts'

/** The thresholds of one model: its own first, then those for all. */
export function planThresholds(policy: TailgateConfig, model: string): Thresholds {
  const { models, ...general } = policy.thresholds
  const own: Own = Object.fromEntries(
    Object.entries(ownValue(models, model) ?? {}).flatMap(([name, amount]) =>
      amount === undefined ? [] : [[name, amount]]
    )
  )
  const { slow_share, sustained_rate, tokens_per_s, memory_growth, latency_drift, ...rest } = { ...general, ...own }
  return {
    ...rest,
    slowShare: slow_share,
    sustainedRate: sustained_rate,
    tokensPerS: tokens_per_s,
    memoryGrowth: memory_growth,
    latencyDrift: latency_drift
  }
}

type Own = { readonly [name in ThresholdName]?: number }

type ModelLimits = TailgateConfig['budgets'][string]
type Limits = NonNullable<ModelLimits[ScenarioKind]>
/** Keys of every scenario's limits together. */
type LimitName = Limits extends infer Each ? (Each extends unknown ? keyof Each : never) : never

const BUDGETS: readonly (readonly [limit: LimitName, budget: BudgetName])[] = [
  ['p50_ms', 'p50Ms'],
  ['p95_ms', 'p95Ms'],
  ['p99_ms', 'p99Ms'],
  ['ttft_ms', 'ttftMs'],
  ['itl_ms', 'itlMs'],
  ['ready_ms', 'readyMs'],
  ['memory_mb', 'memoryPeakMb'],
  ['error_rate', 'errorRate'],
  ['throughput_min', 'minThroughputPerS'],
  ['sustained_rate_min', 'minSustainedRatePerS'],
  ['tokens_per_second_min', 'minTokensPerS'],
  ['goodput_min', 'minGoodput']
]

/** The absolute limits of a model in one scenario; undefined where there are none. */
export function planBudgets(policy: TailgateConfig, model: string, scenario: ScenarioKind): Budgets | undefined {
  const limits: { readonly [name in LimitName]?: number | undefined } | undefined = ownValue(policy.budgets, model)?.[
    scenario
  ]
  if (limits === undefined) return undefined
  const budgets: Budgets = {}
  for (const [limit, budget] of BUDGETS) {
    const written = limits[limit]
    if (written !== undefined) budgets[budget] = written
  }
  return Object.keys(budgets).length === 0 ? undefined : budgets
}

export function planPrice({ cost }: TailgateConfig): Price | null {
  return cost === undefined ? null : { perHour: cost.price_per_hour, currency: cost.currency }
}
