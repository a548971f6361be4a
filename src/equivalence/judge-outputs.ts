import type { EquivalencePolicy, OutputFacts } from '#contracts/outputs.ts'
import { findOutputNotes, hidesEverything } from './find-output-notes.ts'
import { findOutputReasons } from './find-output-reasons.ts'
import { findTokenReasons } from './find-token-reasons.ts'
import type { EffectiveMode, OutputJudgement, OutputReason } from './output-judgement.ts'

export interface JudgedOutputs {
  readonly policy: EquivalencePolicy
  /** The model file, with its external data, is the same byte for byte on both sides. */
  readonly modelIdentical: boolean
  /** Null: the worker compared nothing, because it is older than comparing. */
  readonly facts: OutputFacts | null
}

/**
 * Judges whether both sides give the same answers. Only `not_equivalent` stands in the way of a verdict on speed.
 * docs/correctness.md "Modes".
 */
export function judgeOutputs({ policy, modelIdentical, facts }: JudgedOutputs): OutputJudgement {
  const mode = chooseMode(policy, modelIdentical)
  const modeFrom = policy.mode !== 'auto' ? 'policy' : modelIdentical ? 'model_identical' : 'model_changed'
  const common = { mode, modeFrom } as const
  if (mode === 'off') return { ...common, ...NOT_CHECKED, notes: [] }
  if (facts === null) return { ...common, ...notChecked({ kind: 'no_facts' }) }
  if (facts.status === 'not_compared') {
    return { ...common, ...notChecked({ kind: 'not_compared', reason: facts.reason, message: facts.message }) }
  }
  const reasons = [
    ...facts.onlyBaseline.map((output): OutputReason => ({ kind: 'output_missing', output })),
    ...facts.outputs.flatMap((output) => findOutputReasons(policy, output)),
    ...findTokenReasons(policy, facts.tokens)
  ].sort(byWeight)
  const notes = findOutputNotes(facts)
  const counts = { samples: facts.samplesCompared, outputs: facts.outputs.length }
  if (reasons.length > 0) {
    return { ...common, ...counts, verdict: mode === 'block' ? 'not_equivalent' : 'differs', reasons, notes }
  }
  const verdict = hidesEverything(facts) ? 'not_checked' : 'equivalent'
  return { ...common, ...counts, verdict, reasons, notes }
}

function chooseMode({ mode }: EquivalencePolicy, modelIdentical: boolean): EffectiveMode {
  if (mode !== 'auto') return mode
  return modelIdentical ? 'block' : 'report'
}

const NOT_CHECKED = { verdict: 'not_checked', reasons: [], samples: 0, outputs: 0 } as const

function notChecked(note: OutputJudgement['notes'][number]) {
  return { ...NOT_CHECKED, notes: [note] }
}

/** Gravest first: what cannot be compared at all, then what is not a number, then what differs, by how much of it does. */
const KIND_ORDER: readonly OutputReason['kind'][] = [
  'output_missing',
  'shape_differs',
  'type_differs',
  'not_finite',
  'elements_differ',
  'tokens_differ',
  'length_differs',
  'top1_low',
  'cosine_low'
]

function byWeight(one: OutputReason, other: OutputReason): number {
  return KIND_ORDER.indexOf(one.kind) - KIND_ORDER.indexOf(other.kind) || shareOf(other) - shareOf(one)
}

function shareOf(reason: OutputReason): number {
  switch (reason.kind) {
    case 'not_finite':
      return reason.elements / Math.max(1, reason.ofElements)
    case 'elements_differ':
      return reason.mismatched / Math.max(1, reason.elements)
    case 'top1_low':
      return 1 - reason.agreed / Math.max(1, reason.rows)
    case 'cosine_low':
      return 1 - reason.cosine
    case 'output_missing':
    case 'shape_differs':
    case 'type_differs':
    case 'tokens_differ':
    case 'length_differs':
      return 0
    default:
      return reason satisfies never
  }
}
