import { NS_PER_MS } from '#contracts/units.ts'
import { type Call, callOnAll, type Rule } from '#src/scripts/bench/verdict/rule.ts'
import { quantileOfSorted } from '#stats/quantile.ts'

export interface ThresholdSettings {
  /** 0.1: 10 %. */
  readonly minChange: number
  /** 1 for none but equality. */
  readonly minDifferenceNs: number
}

/**
 * A fixed threshold, as most scripts have one. The floor of 1 ms is a common one too; it silences the rule for models of a
 * few milliseconds, which is what is wrong with it. No single tool has exactly these numbers. Both directions count.
 */
export function judgeByThreshold(baselineNs: number, candidateNs: number, settings: ThresholdSettings): Call {
  const change = candidateNs / baselineNs - 1
  const differenceNs = Math.abs(candidateNs - baselineNs)
  if (Math.abs(change) <= settings.minChange || differenceNs <= settings.minDifferenceNs) return 'pass'
  return change > 0 ? 'regression' : 'improvement'
}

function thresholdRule(quantile: number, name: string, settings: ThresholdSettings): Rule {
  const metric = `p${Math.round(quantile * 100)}`
  return {
    name,
    settings: `${metric} of all requests of a side`,
    source: 'no tool in particular: a threshold as many scripts have one',
    feeds: ['sequential', 'interleaved'],
    judge: (evidence) => {
      const { baseline, candidate } = evidence.pooled()
      const [baselineNs, candidateNs] = [quantileOfSorted(baseline, quantile), quantileOfSorted(candidate, quantile)]
      return callOnAll(judgeByThreshold(baselineNs, candidateNs, settings), evidence)
    }
  }
}

export const thresholdOfTenPercent = thresholdRule(0.5, '> 10 % and > 1 ms, p50', {
  minChange: 0.1,
  minDifferenceNs: NS_PER_MS
})

export const tailThresholdOfTenPercent = thresholdRule(0.99, '> 10 % and > 1 ms, p99', {
  minChange: 0.1,
  minDifferenceNs: NS_PER_MS
})

export const thresholdOfFivePercent = thresholdRule(0.5, '> 5 %, p50', { minChange: 0.05, minDifferenceNs: 0 })
