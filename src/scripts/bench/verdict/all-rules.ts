import type { CaseRounds } from '#stats/assess-case.ts'
import type { Rule } from './rule.ts'
import { bencher } from './rules/bencher.ts'
import { benchstat } from './rules/benchstat.ts'
import { tailThresholdOfTenPercent, thresholdOfFivePercent, thresholdOfTenPercent } from './rules/fixed-threshold.ts'
import { githubActionBenchmark } from './rules/github-action-benchmark.ts'
import { perfherder } from './rules/perfherder.ts'
import { pinpoint } from './rules/pinpoint.ts'
import { rustcPerf } from './rules/rustc-perf.ts'
import { tailgateRule } from './rules/tailgate.ts'
import { tango } from './rules/tango.ts'
import { mannWhitneyOnRequests, welchOnRequests } from './rules/tests-on-requests.ts'

/** Every rule, in the order of the tables. @param thresholds those of the recorded case, for ours */
export function listRules(thresholds: CaseRounds['thresholds']): readonly Rule[] {
  return [
    tailgateRule(thresholds),
    tango,
    pinpoint,
    benchstat,
    perfherder,
    bencher,
    rustcPerf,
    githubActionBenchmark,
    thresholdOfTenPercent,
    tailThresholdOfTenPercent,
    thresholdOfFivePercent,
    mannWhitneyOnRequests,
    welchOnRequests
  ]
}
