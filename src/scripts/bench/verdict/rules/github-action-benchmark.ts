import { type Call, callOnAll, type Rule } from '#src/scripts/bench/verdict/rule.ts'
import { quantileOfSorted } from '#stats/quantile.ts'

/** `alert-threshold` of github-action-benchmark's action.yml: 200 %. */
const ALERT_RATIO = 2

/** Alerts when the result is more than `alert-threshold` times the previous one; never says that something got faster. */
export function judgeByRatio(previous: number, current: number): Call {
  return current / previous > ALERT_RATIO ? 'regression' : 'pass'
}

export const githubActionBenchmark: Rule = {
  name: 'github-action-benchmark',
  settings: 'p50 against the previous result, alert-threshold 200 % (default)',
  source: 'https://github.com/benchmark-action/github-action-benchmark/blob/master/action.yml',
  feeds: ['sequential', 'interleaved'],
  judge: (evidence) => {
    const { baseline, candidate } = evidence.pooled()
    return callOnAll(judgeByRatio(quantileOfSorted(baseline, 0.5), quantileOfSorted(candidate, 0.5)), evidence)
  }
}
