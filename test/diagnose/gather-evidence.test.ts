import { expect, test } from 'vitest'
import { SideSpec } from '#contracts/case.ts'
import type { CaseInspection, GraphFacts, SideInspection } from '#contracts/graph.ts'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'
import { diagnoseCase } from '#src/diagnose/diagnose-case.ts'
import { diffSides } from '#src/diagnose/diff-sides.ts'
import { type EvidenceParts, gatherEvidence } from '#src/diagnose/gather-evidence.ts'
import { SLOWER, sampleComparison, sampleProfile } from './sample-evidence.ts'

const SIDE = SideSpec.parse({ modelPath: 'a.onnx', session: DEFAULT_SESSION, inputs: INFERRED_INPUTS })

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

function inspectionOf(reluNs: number, facts = GRAPH): SideInspection {
  return {
    graph: { kind: 'read', facts },
    profiles: [
      { kind: 'unreadable', problem: 'It is cut off.' },
      ...[0, 100, 200].map((more) => ({ kind: 'read' as const, profile: sampleProfile({ Relu: reluNs + more }) }))
    ]
  }
}

function partsOf(inspection: CaseInspection | null, isModelIdentical: boolean | null): EvidenceParts {
  return {
    spec: { baseline: SIDE, candidate: SIDE },
    comparison: sampleComparison({ metrics: { p50: SLOWER } }),
    related: [],
    isModelIdentical,
    inspection,
    brokenBudgets: []
  }
}

test('graphs and profiles that could be read are compared', () => {
  const inspection = {
    baseline: inspectionOf(1e5),
    candidate: inspectionOf(2e5, { ...GRAPH, nodesSha256: '1'.repeat(64) })
  }

  const evidence = gatherEvidence(partsOf(inspection, false))

  expect(evidence.operators?.profiles).toEqual({ baseline: 3, candidate: 3 })
  expect(diagnoseCase(evidence).findings).toMatchObject([{ kind: 'graph_changed' }, { kind: 'operators_changed' }])
})

test('what was not looked at is not told', () => {
  const evidence = gatherEvidence(partsOf(null, null))

  expect(evidence).toMatchObject({ model: 'unknown', graph: null, placement: null, operators: null, settings: [] })
  expect(diagnoseCase(evidence).findings).toEqual([{ kind: 'not_located' }])
})

test('a graph that could be read on one side only is unknown', () => {
  const unreadable: SideInspection = { graph: { kind: 'unreadable', problem: 'It holds no graph.' }, profiles: [] }

  const evidence = gatherEvidence(partsOf({ baseline: inspectionOf(1e5), candidate: unreadable }, false))

  expect(diagnoseCase(evidence).findings[0]).toEqual({ kind: 'graph_unknown' })
})

test('settings are compared one by one', () => {
  const other: SideSpec = {
    ...SIDE,
    modelPath: 'b.onnx',
    session: {
      ...SIDE.session,
      intraOpNumThreads: 4,
      engineVersion: '1.29.0',
      configEntries: { 'session.disable_prepacking': '1' }
    },
    inputs: { ...SIDE.inputs, seed: 2 }
  }

  expect(diffSides(SIDE, SIDE)).toEqual([])
  expect(diffSides(SIDE, other)).toEqual([
    { setting: 'intraOpNumThreads', values: { baseline: '1', candidate: '4' } },
    { setting: 'engineVersion', values: { baseline: null, candidate: '1.29.0' } },
    { setting: 'configEntries.session.disable_prepacking', values: { baseline: null, candidate: '1' } },
    { setting: 'inputs', values: { baseline: '', candidate: '' } }
  ])
})
