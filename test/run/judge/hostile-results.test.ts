import { describe, expect, test } from 'vitest'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import type { GraphFacts, SideInspection, ValueSignature } from '#contracts/graph.ts'
import type { Judged } from '#src/report/unmeasured.ts'
import { judgeResult } from '#src/run/judge-result.ts'
import { facts, output, policy } from '../../equivalence/sample-facts.ts'
import { sampleBlocks, sampleResult } from '../sample-run.ts'
import { asked, judgeCases, measuredResult, nineRounds, round, sampleSpec, unequalResult } from './sample-answer.ts'

const LONG = 'x'.repeat(500)
const KIB = 1024

function sizeOf(judged: Judged): number {
  return JSON.stringify(judged.checks).length + JSON.stringify(judged.measured).length
}

describe('a result that says more than anybody reads is cut', () => {
  test('in the differences of its outputs', () => {
    const names = Array.from({ length: 200 }, (_, index) => `${index}${LONG.slice(4)}`)
    const outputs = facts({
      outputs: names.map((name) => output(name, { statistics: { mismatched: 9, newNonFinite: 3, cosineMin: 0 } })),
      onlyBaseline: names.map((name) => `a${name}`.slice(0, 500)),
      onlyCandidate: names
    })
    const expected = asked([sampleSpec({ equivalence: policy({ mode: 'block' }) })])

    const judged = judgeCases(expected, [unequalResult({ outputs })])
    const equivalence = judged.checks[0]?.equivalence

    expect(equivalence?.reasons).toHaveLength(20)
    expect(equivalence?.notes.at(-1)).toMatchObject({ kind: 'reasons_left_out', reasons: expect.any(Number) })
    expect(sizeOf(judged)).toBeLessThan(64 * KIB)
  })

  test('in the graph, and says so', () => {
    const signature = (name: string): ValueSignature => {
      return { name, elementType: 'float32', shape: Array.from({ length: 32 }, () => LONG.slice(0, 200)) }
    }
    const graph = (prefix: string): GraphFacts => ({
      irVersion: 8,
      producer: { name: '', version: '' },
      opsets: [],
      nodes: 1,
      operators: Array.from({ length: 500 }, (_, index) => ({
        domain: prefix,
        type: `${index}${LONG.slice(0, 150)}`,
        count: 1
      })),
      unlistedNodes: 0,
      identities: null,
      nodesSha256: (prefix === 'a' ? '0' : '1').repeat(64),
      initializers: [],
      external: { tensors: 0, bytes: 0, files: 0 },
      inputs: Array.from({ length: 200 }, (_, index) => signature(`${prefix}${index}`)),
      outputs: Array.from({ length: 200 }, (_, index) => signature(`${prefix}${index}`))
    })
    const inspect = (prefix: string): SideInspection => ({
      graph: { kind: 'read', facts: graph(prefix) },
      profiles: []
    })
    const { models } = measuredResult(1)
    const changed = { ...models, candidate: { ...models.candidate, sha256: 'd'.repeat(64) } }
    const inspection = { baseline: inspect('a'), candidate: inspect('b') }

    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(1.5, { models: changed, inspection })])
    const found = judged.checks[0]?.diagnosis?.findings.find(({ kind }) => kind === 'graph_changed')

    expect(found).toMatchObject({ diff: { isPartial: true } })
    expect(sizeOf(judged)).toBeLessThan(64 * KIB)
  })

  test('in files of external data and in rounds that were thrown away', () => {
    const { models } = measuredResult(1)
    const externalData = Array.from({ length: 4096 }, (_, index) => ({
      path: `data/${index}`,
      sha256: 'e'.repeat(64),
      bytes: 1
    }))
    const many = { baseline: { ...models.baseline, externalData }, candidate: { ...models.candidate, externalData } }
    const hot = { gpu: { reasons: [{ reason: 'hw_thermal' as const, samples: 2, activeUs: 5000 }] } }
    const environment = Array.from({ length: 1000 }, (_, launch) => round(launch, hot))

    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(1, { models: many, environment })])

    expect(judged.checks[0]?.environment).toMatchObject({ rounds: 1000, why: { discarded: 1000 } })
    expect(sizeOf(judged)).toBeLessThan(64 * KIB)
  })
})

describe('a result that answers another question is refused:', () => {
  const refuse = (cases: BenchmarkResult['cases'], spec = sampleSpec()) =>
    judgeResult(asked([spec]), { ...sampleResult(1), cases })

  test.each([
    ['a case that was not asked for, with other answers', [unequalResult({ caseId: 'other/default/offline' })]],
    ['a case twice, with two answers', [measuredResult(1), unequalResult()]]
  ])('%s', (_name, cases) => {
    expect(refuse(cases)).toMatchObject({
      kind: 'failed',
      failure: { code: 'worker_error', message: expect.stringContaining('twice, or was never asked for') }
    })
  })

  test('a ramp of more rates than were asked for', () => {
    const spec = sampleSpec({
      scenario: {
        kind: 'ramp',
        fromPerS: 1,
        toPerS: 9,
        steps: 3,
        arrival: 'constant',
        instances: 1,
        slo: { percentile: 'p99', latencyMs: 5 },
        seed: 1
      }
    })
    const blocks = sampleBlocks(1).map((block, index) => ({
      ...block,
      load: { offeredPerS: index + 1, arrivals: 15, late: 0, timedOut: 0, dropped: 0, lastNs: 1e9 }
    }))

    expect(refuse([measuredResult(1, { blocks })], spec)).toMatchObject({
      kind: 'failed',
      failure: { message: expect.stringContaining('where 3 were asked for') }
    })
  })
})

test('an outcome survives the way through the database', () => {
  const environment = nineRounds((launch) => round(launch, {}, { candidate: { peakRssBytes: 9e6 + launch } }))
  const spec = sampleSpec({ equivalence: policy(), budgets: { p50Ms: 1, errorRate: 0.1, memoryPeakMb: 20 } })

  const judged = judgeCases(asked([spec], { price: { perHour: 1, currency: 'USD' } }), [
    measuredResult(1.3, { outputs: facts(), environment })
  ])

  expect(JSON.parse(JSON.stringify(judged))).toEqual(judged)
})
