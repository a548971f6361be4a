import { FIRST_LOOK } from '#contracts/decision-design.ts'
import { BUDGET_FACTS, type BudgetUnit } from './budget-facts.ts'
import type { BudgetJudgement } from './judge-budgets.ts'

/**
 * One sentence without the case: `p99 is 21.3 ms (20.4 ms to 22.2 ms): the budget of at most 20 ms is broken; the baseline
 * keeps it.` Our own words and numbers only.
 */
export function describeBudget(judgement: BudgetJudgement): string {
  const { name, unit, limit, candidate, kind } = judgement
  const { subject } = BUDGET_FACTS[name]
  const budget = `the budget of ${kind === 'ceiling' ? 'at most' : 'at least'} ${formatAmount(limit, unit)}`
  if (candidate === null) return `${subject} is not known, so ${budget} is undecided: it was not measured.`
  const level = `${subject} is ${formatAmount(candidate.value, unit)} (${formatAmount(candidate.low, unit)} to ${formatAmount(candidate.high, unit)})`
  return `${level}: ${budget} is ${describeVerdict(judgement)}${describeBaseline(judgement)}.`
}

function describeVerdict({ verdict, reason, rounds }: BudgetJudgement): string {
  if (verdict !== 'undecided') return verdict
  if (reason === 'environment') return 'undecided, as the machine was disturbed'
  if (reason === 'outside_ramp') return 'undecided, as the ramp offers no such rate'
  return reason === 'too_few_rounds'
    ? `undecided after ${rounds} of ${FIRST_LOOK} rounds`
    : 'undecided, it lies within the interval'
}

function describeBaseline({ verdict, baseline }: BudgetJudgement): string {
  if (verdict !== 'broken' || baseline === null) return ''
  switch (baseline.verdict) {
    case 'broken':
      return ', as it was by the baseline already'
    case 'kept':
      return '; the baseline keeps it'
    case 'undecided':
      return '; whether the baseline keeps it is undecided'
    default:
      return baseline.verdict satisfies never
  }
}

const NS_UNITS = [
  { name: 's', size: 1e9 },
  { name: 'ms', size: 1e6 },
  { name: 'µs', size: 1e3 },
  { name: 'ns', size: 1 }
] as const

/** `21.3 ms`, `512 MB`, `1.2 %`, `118/s`: three digits. */
export function formatAmount(value: number, unit: BudgetUnit): string {
  switch (unit) {
    case 'ns': {
      const scale = NS_UNITS.find(({ size }) => value >= size) ?? NS_UNITS[3]
      return `${threeDigits(value / scale.size)} ${scale.name}`
    }
    case 'bytes':
      return `${threeDigits(value / 1e6)} MB`
    case 'share':
      return `${threeDigits(100 * value)} %`
    case 'requests/s':
      return `${threeDigits(value)}/s`
    case 'tokens/s':
      return `${threeDigits(value)} tokens/s`
    default:
      return unit satisfies never
  }
}

function threeDigits(value: number): string {
  if (!Number.isFinite(value)) return '–'
  if (value >= 1e12) return value.toExponential(2)
  return value >= 100 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}
