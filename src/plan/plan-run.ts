import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { Price } from '#contracts/budgets.ts'
import type { CaseSpec, SideSpec } from '#contracts/case.ts'
import type { ScenarioSpec } from '#contracts/scenario.ts'
import type { TailgateConfig } from '#src/config/config.schema.ts'
import type { SkippedCase } from '#src/report/outcome.ts'
import { findPolicyEdits } from './find-policy-edits.ts'
import { isSame } from './is-same.ts'
import { listScenarios } from './list-scenarios.ts'
import { matchGlob } from './match-glob.ts'
import { ownValue } from './own-value.ts'
import { planAccuracy, planEquivalence } from './plan-equivalence.ts'
import { planBudgets, planPrice, planThresholds } from './plan-judging.ts'
import { planMeasuring } from './plan-measuring.ts'
import { listSideSpecs, originalSpec } from './side-spec.ts'

export interface PlanInput {
  /** Of the base branch: how to judge. */
  readonly policy: TailgateConfig
  /** Of the baseline's commit: what the baseline measures. */
  readonly baseline: TailgateConfig
  /** Of the candidate's commit: what the candidate measures. */
  readonly candidate: TailgateConfig
  /** Paths that differ between the two commits, both names of a renamed file; `unknown` makes every case relevant (worth measuring). */
  readonly changedFiles: readonly string[] | 'unknown'
  /** Somebody asked for the benchmark: every case is relevant. */
  readonly measureEverything: boolean
}

export interface RunPlan {
  /** Cases to measure, in the order of the candidate's configuration. */
  readonly cases: CaseSpec[]
  readonly skipped: SkippedCase[]
  /** Dotted judging keys that the pull request edits; shown, not applied. */
  readonly policyEdits: string[]
  readonly measuring: MeasuringPlan
  readonly gate: TailgateConfig['gate']
  readonly onInconclusive: TailgateConfig['on_inconclusive']
  /** Of the machine, for the cost of inferences. Null: not asked for. */
  readonly price: Price | null
}

/**
 * What a pull request makes necessary to measure. A case exists for every model and session that both sides have, in
 * each of the policy's scenarios. It is relevant when its two sides are specified differently, when a file of its model
 * changed, or when a changed file matches the policy's `paths`.
 */
export function planRun(input: PlanInput): RunPlan {
  const { policy } = input
  const cases: CaseSpec[] = []
  const skipped: SkippedCase[] = []
  const touchedPath = findTouchedPath(input)
  for (const { pair, id, scenario } of listCandidates(input)) {
    const skip = pair.kind === 'both' ? explainUnaffected(pair, input, touchedPath) : explainOneSided(pair)
    if (skip !== null) skipped.push({ id, ...skip })
    else if (pair.kind === 'both') cases.push(toCase(id, pair, scenario, policy))
  }
  return {
    cases,
    skipped,
    policyEdits: findPolicyEdits(input),
    measuring: planMeasuring(policy),
    gate: policy.gate,
    onInconclusive: policy.on_inconclusive,
    price: planPrice(policy)
  }
}

/** Every model with each of its sessions in each of the scenarios that it is meant for. */
function listCandidates(
  input: PlanInput
): readonly { readonly id: string; readonly pair: TwoSided | OneSided; readonly scenario: ScenarioSpec }[] {
  const scenarios = listScenarios(input.policy.scenarios)
  return pairSides(input).flatMap((pair) => {
    const meant = scenarios.filter(({ models }) => models?.includes(pair.model) ?? true)
    return meant.map(({ spec }) => ({ id: `${pair.model}/${pair.session}/${spec.kind}`, pair, scenario: spec }))
  })
}

interface TwoSided {
  readonly kind: 'both'
  readonly model: string
  readonly session: string
  readonly baseline: SideSpec
  readonly candidate: SideSpec
  /** What the baseline's own commit has under this id; for a variant, not what it is compared with. */
  readonly before: SideSpec | null
}

interface OneSided {
  readonly kind: 'added' | 'removed'
  readonly model: string
  readonly session: string
}

function pairSides(input: PlanInput): readonly (TwoSided | OneSided)[] {
  const baselines = listSideSpecs(input.baseline)
  const candidates = listSideSpecs(input.candidate)
  const pairs: (TwoSided | OneSided)[] = []
  for (const [key, named] of candidates) {
    const { model, session, spec } = named
    const before = baselines.get(key)?.spec ?? null
    const original = ownValue(input.policy.variants, model)
    // Without its original a variant is compared with what it was: else removing the original would let anything pass.
    const baseline = original === undefined ? before : (originalSpec(input.candidate, original, session) ?? before)
    if (baseline === null) pairs.push({ kind: 'added', model, session })
    else pairs.push({ kind: 'both', model, session, baseline, candidate: spec, before })
  }
  for (const [key, { model, session }] of baselines) {
    if (!candidates.has(key)) pairs.push({ kind: 'removed', model, session })
  }
  return pairs
}

/** A changed file that matches the policy's `paths`; null when none does. */
function findTouchedPath({ policy, changedFiles }: PlanInput): string | null {
  if (changedFiles === 'unknown') return null
  return changedFiles.find((file) => policy.paths.some((glob) => matchGlob(glob, file))) ?? null
}

type Skip = Omit<SkippedCase, 'id'>

function explainUnaffected(pair: TwoSided, input: PlanInput, touchedPath: string | null): Skip | null {
  const { changedFiles } = input
  if (input.measureEverything || changedFiles === 'unknown' || touchedPath !== null) return null
  if (!isSame(pair.before, pair.candidate)) return null
  const { modelPath } = pair.candidate
  const { modelPath: baselinePath } = pair.baseline
  const recorded = new Set(pair.candidate.inputs.recorded.map(({ path }) => path))
  const isRead = (file: string) =>
    belongsToModel(file, modelPath) || belongsToModel(file, baselinePath) || recorded.has(file)
  if (changedFiles.some(isRead)) return null
  const paths = input.policy.paths.length === 0 ? '' : ', and no changed file matches "paths"'
  const detail = `Neither ${modelPath}, nor a file beside it whose name starts with its name, nor its settings changed${paths}.`
  return { why: 'unaffected', detail }
}

function explainOneSided({ kind, model, session }: OneSided): Skip {
  const missing = kind === 'added' ? 'baseline' : 'candidate'
  const detail = `The ${missing} has no model "${model}" with session "${session}", so there is nothing to compare.`
  return { why: kind, detail }
}

/** The model itself, or external data beside it that is named after it: `model.onnx.data`, `model.onnx_data`. */
function belongsToModel(file: string, modelPath: string): boolean {
  return file.startsWith(modelPath) && !file.slice(modelPath.length).includes('/')
}

function toCase(id: string, pair: TwoSided, scenario: ScenarioSpec, policy: TailgateConfig): CaseSpec {
  const { model, session, baseline, candidate } = pair
  const accuracy = ownValue(policy.accuracy, model)
  const budgets = planBudgets(policy, model, scenario.kind)
  return {
    id,
    model,
    session,
    scenario,
    baseline,
    candidate,
    thresholds: planThresholds(policy, model),
    equivalence: planEquivalence(policy.equivalence),
    ...(accuracy === undefined ? {} : { accuracy: planAccuracy(accuracy) }),
    ...(budgets === undefined ? {} : { budgets })
  }
}
