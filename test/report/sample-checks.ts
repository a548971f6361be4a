import type { BudgetJudgement, BudgetVerdict } from '#src/budgets/judge-budgets.ts'
import type { AccuracyJudgement } from '#src/equivalence/judge-accuracy.ts'
import type { OutputJudgement, OutputReason } from '#src/equivalence/output-judgement.ts'
import type { CaseChecks } from '#src/report/outcome.ts'

/** What is judged beside speed, as real runs produce it. */

/** Nobody asked for anything. */
export function checksOf(caseId: string, rest: Partial<CaseChecks> = {}): CaseChecks {
  return {
    caseId,
    equivalence: equivalent(16),
    accuracy: null,
    budgets: [],
    cost: null,
    environment: null,
    diagnosis: null,
    ...rest
  }
}

export function equivalent(samples: number): OutputJudgement {
  return {
    verdict: 'equivalent',
    mode: 'block',
    modeFrom: 'model_identical',
    reasons: [],
    notes: [],
    samples,
    outputs: 1
  }
}

export function differing(
  verdict: 'not_equivalent' | 'differs',
  reasons: readonly OutputReason[],
  rest: Partial<OutputJudgement> = {}
): OutputJudgement {
  const isBlocked = verdict === 'not_equivalent'
  return {
    verdict,
    mode: isBlocked ? 'block' : 'report',
    modeFrom: isBlocked ? 'model_identical' : 'model_changed',
    reasons,
    notes: [],
    samples: 16,
    outputs: 3,
    ...rest
  }
}

export function elementsDiffer(output: string): OutputReason {
  return {
    kind: 'elements_differ',
    output,
    mismatched: 84,
    elements: 2048,
    allowedShare: 0,
    tolerance: { rtol: 1e-3, atol: 1e-4 },
    toleranceFactor: 1,
    maxAbsError: 0.0134,
    worst: {
      sampleIndex: 3,
      flatIndex: 17,
      index: [0, 17],
      baseline: { kind: 'number', value: 0.8125 },
      candidate: { kind: 'number', value: 0.7991 }
    },
    baselineVaries: false
  }
}

export function budget(
  caseId: string,
  verdict: BudgetVerdict,
  ms: { readonly limit: number; readonly candidate: number; readonly baseline: number },
  rest: Partial<BudgetJudgement> = {}
): BudgetJudgement {
  const side = (level: number, of: BudgetVerdict) => ({
    value: level * 1e6,
    low: level * 0.96e6,
    high: level * 1.04e6,
    verdict: of
  })
  return {
    caseId,
    name: 'p99Ms',
    unit: 'ns',
    kind: 'ceiling',
    limit: ms.limit * 1e6,
    verdict,
    reason: verdict === 'undecided' ? 'straddles_limit' : null,
    rounds: 9,
    candidate: side(ms.candidate, verdict),
    baseline: side(ms.baseline, ms.baseline > ms.limit ? 'broken' : 'kept'),
    ...rest
  }
}

export const DROPPED: AccuracyJudgement = {
  verdict: 'dropped',
  metric: 'top1',
  samples: 500,
  baseline: 0.972,
  candidate: 0.94,
  drop: 0.032,
  dropLowerBound: 0.011,
  maxDrop: 0.01,
  pValue: 0.0004,
  reason: null
}
