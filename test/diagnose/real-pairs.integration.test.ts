import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { InferenceSession } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GraphFacts, Profile } from '#contracts/graph.ts'
import { diagnoseCase } from '#src/diagnose/diagnose-case.ts'
import type { Diagnosis } from '#src/diagnose/diagnosis.ts'
import { diffGraphs } from '#src/diagnose/diff-graphs.ts'
import { diffOperatorTimes, type OperatorTimeDiff } from '#src/diagnose/diff-operator-times.ts'
import { diffPlacements } from '#src/diagnose/diff-placements.ts'
import { perceptronVariant } from '#test/fixtures/onnx/perceptron-variants.ts'
import { floatTensor, profileModel } from '#test/fixtures/onnx/profile-model.ts'
import { readGraphFacts } from '#workers/onnx/read-graph-facts.ts'
import { FASTER, SLOWER, sampleComparison, sampleEvidence, textOf } from './sample-evidence.ts'

const PROFILES = 6
/** Wide enough that its operators take far longer than the profiler tells. */
const SIZE = { rows: 64, width: 256, layers: 3 }
const PLAIN = perceptronVariant(SIZE)

let folder: string
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-pairs-test-'))
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

function factsOf(model: Uint8Array): GraphFacts {
  const file = join(folder, 'model.onnx')
  writeFileSync(file, model)
  const reading = readGraphFacts(file)
  if (reading.kind !== 'read') throw new Error(reading.problem)
  return reading.facts
}

/** Profiles of both sides in turns, each in a session of its own. */
async function profilePair(baseline: Uint8Array, candidate: Uint8Array) {
  const feeds: InferenceSession.FeedsType = { x: floatTensor([SIZE.rows, SIZE.width]) }
  const profiles: { baseline: Profile[]; candidate: Profile[] } = { baseline: [], candidate: [] }
  for (let index = 0; index < PROFILES; index += 1) {
    profiles.baseline.push(await profileModel(baseline, feeds))
    profiles.candidate.push(await profileModel(candidate, feeds))
  }
  return profiles
}

async function diagnosePair(candidate: Uint8Array, moved: typeof SLOWER): Promise<Diagnosis> {
  const profiles = await profilePair(PLAIN, candidate)
  const [before, after] = [profiles.baseline[0], profiles.candidate[0]]
  if (before === undefined || after === undefined) throw new Error('Nothing was profiled.')
  return diagnoseCase(
    sampleEvidence({
      comparison: sampleComparison({ metrics: { p50: moved } }),
      model: 'different',
      graph: diffGraphs(factsOf(PLAIN), factsOf(candidate)),
      placement: diffPlacements(before.operators, after.operators),
      operators: diffOperatorTimes(profiles)
    })
  )
}

function operatorsOf({ findings }: Diagnosis): OperatorTimeDiff {
  const finding = findings.find(({ kind }) => kind === 'operators_changed')
  if (finding?.kind !== 'operators_changed') throw new Error(textOf(findings))
  return finding.diff
}

describe('with real files and real profiles', () => {
  test('an operator that was replaced by a slower one is the contributor', async () => {
    const diagnosis = await diagnosePair(perceptronVariant({ ...SIZE, activation: 'Tanh' }), SLOWER)

    expect(diagnosis.findings[0]).toMatchObject({
      kind: 'graph_changed',
      diff: { changes: [{ kind: 'nodes_retyped', from: { type: 'Relu' }, to: { type: 'Tanh' }, nodes: 3 }] }
    })
    expect(operatorsOf(diagnosis).contributors).toContainEqual(
      expect.objectContaining({ type: 'Tanh', nodes: { baseline: 0, candidate: 3 } })
    )
    expect(textOf(diagnosis.findings)).toContain('3 nodes became `Tanh` instead of `Relu`')
  })

  test('nodes that were added are the contributor', async () => {
    const diagnosis = await diagnosePair(perceptronVariant({ ...SIZE, extraNodes: 20 }), SLOWER)

    expect(diagnosis.findings[0]).toMatchObject({
      kind: 'graph_changed',
      diff: { nodes: { baseline: 13, candidate: 33 } }
    })
    expect(operatorsOf(diagnosis).contributors).toContainEqual(
      expect.objectContaining({ type: 'Sin', nodes: { baseline: 0, candidate: 20 } })
    )
  })

  test('a quantised model is told as such, and its conversions stand in the profile', async () => {
    const diagnosis = await diagnosePair(perceptronVariant({ ...SIZE, weights: 'int8' }), SLOWER)

    expect(diagnosis.findings[0]).toMatchObject({
      kind: 'graph_changed',
      diff: { changes: expect.arrayContaining([expect.objectContaining({ kind: 'quantisation' })]) }
    })
    const profiled = diagnosis.findings.find(({ kind }) => kind === 'operators_changed' || kind === 'profile_disagrees')
    if (profiled?.kind !== 'operators_changed' && profiled?.kind !== 'profile_disagrees') {
      throw new Error(textOf(diagnosis.findings))
    }
    expect(profiled.diff.contributors.map(({ type }) => type)).toContain('QuantizeLinear')
  })

  test('weights of half precision that are cast when loading change files and nothing that runs', async () => {
    const diagnosis = await diagnosePair(perceptronVariant({ ...SIZE, weights: 'float16' }), FASTER)

    expect(textOf(diagnosis.findings)).toMatch(/initialisers of type `float16` take 384 KiB, were 0 B/)
    const contributors = diagnosis.findings.flatMap((finding) =>
      finding.kind === 'operators_changed' ? finding.diff.contributors.map(({ type }) => type) : []
    )
    expect(contributors).not.toContain('Cast')
  })
})
