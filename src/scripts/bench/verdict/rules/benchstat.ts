import { type Call, callDirection, callOnAll, type Rule } from '#src/scripts/bench/verdict/rule.ts'
import { median } from '#stats/quantile.ts'
import { testRanksExactly } from './mann-whitney.ts'

/** benchstat's `-alpha`. */
const ALPHA = 0.05

/** Below four runs a side no p-value can reach 0.05 (benchmath, anone.go): benchstat says that it needs more. */
const MIN_RUNS = 4

/**
 * benchstat's rule: Mann-Whitney U over runs, `~` unless p < 0.05; the change shown is that of the medians.
 *
 * @param baseline one result per run, ascending; benchstat asks for at least ten
 */
export function judgeByBenchstat(baseline: Float64Array, candidate: Float64Array): Call {
  if (baseline.length < MIN_RUNS && candidate.length < MIN_RUNS) return 'undecided'
  const { pValue } = testRanksExactly(baseline, candidate)
  if (!(pValue < ALPHA)) return 'pass'
  return callDirection(median(candidate) - median(baseline))
}

export const benchstat: Rule = {
  name: 'benchstat',
  settings: 'Mann-Whitney U over runs, one mean a run, alpha 0.05 (default)',
  source: 'https://pkg.go.dev/golang.org/x/perf/cmd/benchstat',
  feeds: ['sequential', 'interleaved'],
  judge: (evidence) => {
    const [baseline, candidate] = [evidence.baseline, evidence.candidate].map((runs) =>
      Float64Array.from(runs, (run) => run.meanNs).sort()
    )
    if (baseline === undefined || candidate === undefined) return callOnAll('undecided', evidence)
    return callOnAll(judgeByBenchstat(baseline, candidate), evidence)
  }
}
