import type { MeasuredCase } from '#contracts/measurements.ts'
import type { Metric } from '#contracts/metric.ts'
import { judgeRun } from '#stats/judge-run.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { block } from './build-measurements.ts'

export function judgeOne(measured: MeasuredCase, options = {}): CaseComparison {
  const [only] = judgeRun({ cases: [measured] }, options).cases
  if (only === undefined) throw new Error('the case is missing')
  return only
}

export function row(comparison: CaseComparison, metric: Metric) {
  const found = comparison.metrics.find((item) => item.metric === metric)
  if (found === undefined) throw new Error(`${metric} is missing`)
  return found
}

/** Launches in which every request takes the same time: 1000 ns against the given one. */
export function steadyCase(candidateNs: readonly number[], scale = 1000): MeasuredCase {
  const blocks = candidateNs.flatMap((latencyNs, launch) =>
    [0, 1].flatMap((quad) => [
      block('baseline', new Array(60).fill(1000 * scale), { launch, quad }),
      block('candidate', new Array(60).fill(latencyNs * scale), { launch, quad })
    ])
  )
  return { id: 'steady', blocks }
}
