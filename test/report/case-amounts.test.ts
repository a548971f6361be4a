import { expect, test } from 'vitest'
import type { RoundEnvironment } from '#contracts/environment.ts'
import { describeCost, listAmounts } from '#src/report/case-amounts.ts'
import { summariseResources } from '#src/report/case-resources.ts'
import { toPlainText } from '#src/report/clean-text.ts'
import { DISCARDED } from './sample-checked-runs.ts'
import { checksOf } from './sample-checks.ts'

const [CHECKS = checksOf('a')] = DISCARDED.checks

test('cost is told with its change, resources without an interval', () => {
  const rows = listAmounts([CHECKS]).map((row) => [
    row.what,
    ...[row.baseline, row.candidate].map(toPlainText),
    row.change
  ])
  expect(rows).toEqual([
    ['cost of a million inferences', '0.0703 USD', '0.0747 USD', '+6.2 %'],
    ['peak memory of the process', '212 MB', '214 MB', '+0.9 %'],
    ['GPU memory', '1.31 GB', '1.31 GB', '0.0 %'],
    ['CPU time per inference', '421 µs', '447 µs', '+6.2 %']
  ])
})

test('what nobody measured makes no row', () => {
  expect(listAmounts([checksOf('a', { resources: null })])).toEqual([])
})

test('a currency of other signs is shown as it is', () => {
  if (CHECKS.cost === null) throw new Error('It has a cost.')
  const cost = describeCost({ ...CHECKS, cost: { ...CHECKS.cost, currency: '$' } })
  expect(cost).toContainEqual({ code: '$' })
})

test('resources are those of the middle round, null where no round tells them', () => {
  const round = (peakRssBytes: number | null): Pick<RoundEnvironment, 'resources'> => {
    const side = { peakRssBytes, steadyRssBytes: null, cpuTimePerInferenceNs: null, gpuMemoryBytes: null }
    return { resources: { baseline: side, candidate: side } }
  }
  expect(summariseResources([round(5), round(1), round(null), round(2)]).baseline).toEqual({
    peakRssBytes: 2,
    cpuTimePerInferenceNs: null,
    gpuMemoryBytes: null
  })
})
