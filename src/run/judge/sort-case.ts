import type { BenchmarkFailure, CaseResult } from '#contracts/benchmark-result.ts'
import type { CaseSpec } from '#contracts/case.ts'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { describeCaseEnvironment } from '#src/environment/describe-environment.ts'
import type { CaseEnvironmentOutcome } from '#src/environment/judge-case-environment.ts'
import { isSameModel } from '#src/equivalence/is-same-model.ts'
import { type AccuracyJudgement, judgeAccuracy } from '#src/equivalence/judge-accuracy.ts'
import { judgeOutputs } from '#src/equivalence/judge-outputs.ts'
import type { OutputJudgement } from '#src/equivalence/output-judgement.ts'
import { toRoundTerms } from '#stats/round-terms.ts'
import type { RoundTerms } from '#stats/summarise-rounds.ts'
import { type EnvironmentJudgement, judgeEnvironment } from './judge-environment.ts'
import { workerError } from './worker-error.ts'

export type MeasuredResult = Extract<CaseResult, { status: 'measured' }>
type UnequalResult = Extract<CaseResult, { status: 'not_equivalent' }>

/** A case with a verdict on speed to come. */
export interface ComparableCase {
  readonly kind: 'comparable'
  readonly spec: CaseSpec
  readonly result: MeasuredResult
  readonly isModelIdentical: boolean
  readonly equivalence: OutputJudgement | null
  readonly accuracy: AccuracyJudgement | null
  /** Null: nothing is known of the machine. */
  readonly environment: EnvironmentJudgement | null
  /** Without the rounds that the environment spoilt. */
  readonly measured: MeasuredCase & RoundTerms
}

/** A case that has none, because its answers differ; perhaps it was measured nevertheless. */
export interface UnequalCase {
  readonly kind: 'not_equivalent'
  readonly spec: CaseSpec
  readonly result: MeasuredResult | UnequalResult
  readonly equivalence: OutputJudgement
  readonly accuracy: AccuracyJudgement | null
  readonly environment: CaseEnvironmentOutcome | null
}

export type SortedCase =
  | ComparableCase
  | UnequalCase
  | { readonly kind: 'failed'; readonly spec: CaseSpec; readonly failure: BenchmarkFailure }

/**
 * What can be said of one case before its speed is judged. Facts that nobody asked for are not looked at.
 *
 * @param migEnabled whether the GPU is cut up
 */
export function sortCase(spec: CaseSpec, result: CaseResult | undefined, migEnabled: boolean): SortedCase {
  switch (result?.status) {
    case undefined:
      return { kind: 'failed', spec, failure: workerError('The worker sent no result for it.') }
    case 'not_measured':
      return { kind: 'failed', spec, failure: result.failure }
    case 'not_equivalent':
      return sortUnequal(spec, result)
    case 'measured':
      return sortMeasured(spec, result, migEnabled)
    default:
      return result satisfies never
  }
}

/** A worker may only stop here where its own facts say so by the policy: otherwise it hides what it did not measure. */
function sortUnequal(spec: CaseSpec, result: UnequalResult): SortedCase {
  const equivalence = judgeEquivalence(spec, result)
  if (equivalence?.verdict !== 'not_equivalent') {
    const message = `The worker did not measure it, because the answers differ; by its own facts that is no reason (${equivalence?.verdict ?? 'not asked for'}).`
    return { kind: 'failed', spec, failure: workerError(message) }
  }
  const accuracy = result.accuracy === undefined ? null : judgeLabels(spec, result)
  return { kind: 'not_equivalent', spec, result, equivalence, accuracy, environment: null }
}

function sortMeasured(spec: CaseSpec, result: MeasuredResult, migEnabled: boolean): SortedCase {
  const equivalence = judgeEquivalence(spec, result)
  const accuracy = judgeLabels(spec, result)
  const environment =
    result.environment === undefined || result.environment.length === 0
      ? null
      : judgeEnvironment(result.environment, result.blocks, migEnabled)
  if (equivalence?.verdict === 'not_equivalent') {
    const outcome = environment?.outcome ?? null
    return { kind: 'not_equivalent', spec, result, equivalence, accuracy, environment: outcome }
  }
  if (environment?.outcome.kind === 'refused') return { kind: 'failed', spec, failure: refuse(environment.outcome) }
  const isModelIdentical = isSameModel(result.models)
  const measured = toMeasured(spec, environment?.blocks ?? result.blocks, environment)
  return { kind: 'comparable', spec, result, isModelIdentical, equivalence, accuracy, environment, measured }
}

function toMeasured(
  spec: CaseSpec,
  blocks: MeasuredCase['blocks'] | EnvironmentJudgement['blocks'],
  environment: EnvironmentJudgement | null
): ComparableCase['measured'] {
  const memory = spec.scenario.kind === 'soak' && environment !== null ? { memory: environment.memory } : {}
  return { id: spec.id, thresholds: spec.thresholds, ...toRoundTerms(spec.scenario), blocks: [...blocks], ...memory }
}

function judgeEquivalence(spec: CaseSpec, result: MeasuredResult | UnequalResult): OutputJudgement | null {
  if (spec.equivalence === undefined) return null
  const modelIdentical = isSameModel(result.models)
  return judgeOutputs({ policy: spec.equivalence, modelIdentical, facts: result.outputs ?? null })
}

function judgeLabels(spec: CaseSpec, result: MeasuredResult | UnequalResult): AccuracyJudgement | null {
  return spec.accuracy === undefined ? null : judgeAccuracy(spec.accuracy, result.accuracy ?? null)
}

function refuse(outcome: CaseEnvironmentOutcome): BenchmarkFailure {
  return {
    code: 'device_unavailable',
    side: null,
    message: describeCaseEnvironment(outcome).join(' '),
    hint: 'Keep other programs off the GPU while Tailgate measures, then re-run the check.'
  }
}
