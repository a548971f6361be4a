import type { BudgetName } from '#contracts/budgets.ts'
import { NS_PER_MS } from '#contracts/units.ts'

export type BudgetUnit = 'ns' | 'bytes' | 'share' | 'requests/s' | 'tokens/s'

/** What a budget is about: reports need no other list. */
export interface BudgetFacts {
  /** Subject of a sentence. */
  readonly subject: string
  readonly unit: BudgetUnit
  /** Limits are written in larger units than they are judged in. */
  readonly perWritten: number
  readonly kind: 'ceiling' | 'floor'
}

const BYTES_PER_MB = 1_000_000

function ceiling(subject: string, unit: BudgetUnit, perWritten: number): BudgetFacts {
  return { subject, unit, perWritten, kind: 'ceiling' }
}

function floor(subject: string, unit: BudgetUnit): BudgetFacts {
  return { subject, unit, perWritten: 1, kind: 'floor' }
}

export const BUDGET_FACTS: Readonly<Record<BudgetName, BudgetFacts>> = {
  p50Ms: ceiling('p50', 'ns', NS_PER_MS),
  p95Ms: ceiling('p95', 'ns', NS_PER_MS),
  p99Ms: ceiling('p99', 'ns', NS_PER_MS),
  ttftMs: ceiling('time to the first token', 'ns', NS_PER_MS),
  itlMs: ceiling('time per token', 'ns', NS_PER_MS),
  readyMs: ceiling('time until the first answer', 'ns', NS_PER_MS),
  memoryPeakMb: ceiling('peak memory', 'bytes', BYTES_PER_MB),
  errorRate: ceiling('share of failed requests', 'share', 1),
  minThroughputPerS: floor('throughput', 'requests/s'),
  minSustainedRatePerS: floor('sustained rate', 'requests/s'),
  minTokensPerS: floor('token rate', 'tokens/s'),
  minGoodput: floor('share of good requests', 'share')
}
