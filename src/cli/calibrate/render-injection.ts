import { formatPlural } from '#src/report/format-quantity.ts'
import type { MetricComparison } from '#stats/verdict.ts'
import { makePrintable } from '../make-printable.ts'
import { renderComparison } from '../render-comparison.ts'
import { summariseComparison } from '../summarise-comparison.ts'
import { describeInjection } from './injection.ts'
import type { JudgedArm } from './judge-injection.ts'

/** The controlled failure for a terminal: for each slowdown whether it was found, and what it came to. */
export function renderInjections(arms: readonly JudgedArm[]): string {
  return arms.map(renderArm).join('\n')
}

function renderArm(arm: JudgedArm): string {
  const { injection, comparison } = arm
  return [
    `${describeResult(arm)} Injected into the candidate: ${describeInjection(injection)}.`,
    ...comparison.cases.map(({ id, metrics }) => {
      return `Realised in ${makePrintable(id)}: ${metrics.flatMap(describeRealised).join(', ')}.`
    }),
    '',
    renderComparison(comparison)
  ].join('\n')
}

function describeResult({ injection, asExpected, rounds, comparison }: JudgedArm): string {
  const after = `after ${formatPlural(rounds, 'round')}`
  if (injection.fraction === 0) {
    return asExpected ? `As it should be: no regression ${after}.` : `FALSE ALARM: regression ${after}.`
  }
  return asExpected ? `Found: regression ${after}.` : `NOT FOUND: ${comparison.verdict} ${after}.`
}

/** The two that say most directly what the work came to; the table has them all. */
function describeRealised({ metric, relativeChange, interval }: MetricComparison): string[] {
  if ((metric !== 'p50' && metric !== 'throughput') || relativeChange === null || interval === null) return []
  const format = (change: number) => `${change > 0 ? '+' : ''}${(100 * change).toFixed(2)} %`.replace('-', '−')
  return [`${metric} ${format(relativeChange)} (${format(interval[0])} to ${format(interval[1])})`]
}

/** What `--json` writes. */
export function summariseInjections(arms: readonly JudgedArm[]): object {
  return {
    injections: arms.map(({ id, injection, rounds, comparison, asExpected }) => ({
      id,
      injected: injection,
      asExpected,
      rounds,
      ...summariseComparison(comparison)
    }))
  }
}
