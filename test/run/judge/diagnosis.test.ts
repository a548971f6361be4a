import { describe, expect, test } from 'vitest'
import type { WorkerCalibration } from '#contracts/calibration.ts'
import type { GraphFacts, SideInspection } from '#contracts/graph.ts'
import { sampleProfile } from '../../diagnose/sample-evidence.ts'
import { sampleBlocks } from '../sample-run.ts'
import { asked, judgeCases, measuredResult, sampleSpec } from './sample-answer.ts'

const GRAPH: GraphFacts = {
  irVersion: 8,
  producer: { name: '', version: '' },
  opsets: [{ domain: '', version: 17 }],
  nodes: 1,
  operators: [{ domain: '', type: 'Relu', count: 1 }],
  unlistedNodes: 0,
  identities: null,
  nodesSha256: '0'.repeat(64),
  initializers: [],
  external: { tensors: 0, bytes: 0, files: 0 },
  inputs: [],
  outputs: []
}
const MODEL = { sha256: 'c'.repeat(64), bytes: 1000, externalData: [] }
const MODELS = { baseline: MODEL, candidate: { ...MODEL, sha256: 'd'.repeat(64) } }

function inspection(reluNs: number, facts = GRAPH): SideInspection {
  const profiles = [0, 100, 200].map((more) => ({
    kind: 'read' as const,
    profile: sampleProfile({ Relu: reluNs + more })
  }))
  return { graph: { kind: 'read', facts }, profiles }
}

const ADDED = { ...GRAPH, nodesSha256: '1'.repeat(64), nodes: 3, operators: [{ domain: '', type: 'Relu', count: 3 }] }
const FOUND = { baseline: inspection(100_000), candidate: inspection(300_000, ADDED) }

function kindsOf(judged: ReturnType<typeof judgeCases>): readonly (readonly string[] | null)[] {
  return judged.checks.map(({ diagnosis }) => diagnosis?.findings.map(({ kind }) => kind) ?? null)
}

describe('a case that moved', () => {
  test.each([1.2, 0.8])('by a factor of %d is diagnosed from what the worker found', (factor) => {
    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(factor, { models: MODELS, inspection: FOUND })])

    expect(kindsOf(judged)).toEqual([expect.arrayContaining(['graph_changed'])])
  })

  test('is diagnosed by the operators that take longer', () => {
    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(1.2, { models: MODELS, inspection: FOUND })])
    const operators = judged.checks[0]?.diagnosis?.findings.find(({ kind }) => kind === 'operators_changed')

    expect(operators).toMatchObject({
      diff: { contributors: [{ type: 'Relu', changeNs: expect.closeTo(200_000, -3) }] }
    })
  })

  test('is told to have nothing that differs, where nothing does', () => {
    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(1.2)])

    expect(kindsOf(judged)[0]).toContain('nothing_differs')
  })

  test('is held against the other cases of its model and session, and no others', () => {
    const together = sampleSpec({
      id: 'vad/default/multi_stream',
      scenario: { kind: 'multi_stream', samplesPerQuery: 4, instances: 2 }
    })
    const judge = (session: string) => {
      const second = { ...together, id: `vad/${session}/multi_stream`, session }
      return judgeCases(asked([sampleSpec(), second]), [
        measuredResult(1),
        measuredResult(1.5, { caseId: second.id, models: MODELS })
      ])
    }

    expect(kindsOf(judge('default'))[1]).toContain('grows_with_concurrency')
    expect(kindsOf(judge('other'))[1]).not.toContain('grows_with_concurrency')
  })
})

describe('a case that did not move', () => {
  test('is not diagnosed', () => {
    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(1, { models: MODELS, inspection: FOUND })])

    expect(kindsOf(judged)).toEqual([null])
  })

  test('and fails more requests is', () => {
    const blocks = sampleBlocks(1).map((block) => (block.side === 'candidate' ? { ...block, errors: 15 } : block))

    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(1, { blocks })])

    expect(kindsOf(judged)[0]?.[0]).toBe('errors_climb')
  })

  test('and breaks a budget with a request alone is', () => {
    const judged = judgeCases(asked([sampleSpec({ budgets: { p95Ms: 0.5 } })]), [measuredResult(1)])

    expect(judged.checks[0]?.diagnosis?.findings).toMatchObject([
      { kind: 'single_request_over_budget', budget: { name: 'p95Ms', limitNs: 500_000 }, alone: { verdict: 'broken' } }
    ])
  })

  test('and breaks a budget under load only is told apart by the single stream', () => {
    const loaded = sampleSpec({
      id: 'vad/default/multi_stream',
      scenario: { kind: 'multi_stream', samplesPerQuery: 4, instances: 2 },
      budgets: { p50Ms: 1.5 }
    })
    const blocks = sampleBlocks(1).map((block) => ({
      ...block,
      wallNs: 2 * block.wallNs,
      latenciesNs: block.latenciesNs.map((latencyNs) => 2 * latencyNs)
    }))

    const judged = judgeCases(asked([sampleSpec(), loaded]), [
      measuredResult(1),
      measuredResult(1, { caseId: loaded.id, blocks })
    ])

    expect(judged.checks[1]?.diagnosis?.findings).toMatchObject([
      { kind: 'over_budget_only_under_load', alone: { verdict: 'kept' } }
    ])
  })

  test('because the machine is not trusted is not diagnosed', () => {
    const calibration: WorkerCalibration = {
      status: 'current',
      measuredAt: '2026-01-01T00:00:00.000Z',
      trust: 'untrusted',
      problems: ['p50 is biased.'],
      otherModel: false,
      cases: []
    }

    const judged = judgeCases(asked([sampleSpec()]), [measuredResult(1.5)], { calibration })

    expect(kindsOf(judged)).toEqual([null])
  })
})
