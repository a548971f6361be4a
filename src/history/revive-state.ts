import type { CaseSpec, SideSpec } from '#contracts/case.ts'
import { DEFAULT_DESIGN } from '#contracts/decision-design.ts'
import type { Side } from '#contracts/identifiers.ts'
import { INFERRED_INPUTS } from '#contracts/inputs.ts'
import { DEFAULT_SESSION } from '#contracts/session.ts'
import type { Outcome } from '#src/report/outcome.ts'
import type { PlannedRun, RunState } from '#src/run/run.ts'

/**
 * {@link RunState} as it comes back from JSON: dates as text, and written by any version of Tailgate. What was added to
 * the shapes after their first version is optional here; a field that is added from now on belongs here too.
 */
export type StoredRunState =
  | Extract<RunState, { kind: 'new' }>
  | { readonly kind: 'queued'; readonly planned: StoredPlannedRun }
  | StoredEnd<'decided'>
  | StoredEnd<'published'>

interface StoredEnd<Kind extends 'decided' | 'published'> {
  readonly kind: Kind
  readonly commits: Extract<RunState, { kind: Kind }>['commits']
  readonly outcome: StoredOutcome
}

type Judged = Extract<Outcome, { kind: 'judged' }>
type CaseComparison = Judged['comparison']['cases'][number]
type MetricComparison = CaseComparison['metrics'][number]
type StoredOutcome = Exclude<Outcome, { kind: 'judged' }> | StoredJudged

interface StoredJudged extends Older<Omit<Judged, 'comparison' | 'result' | 'cases' | 'measured'>, 'checks'> {
  readonly comparison: Omit<Judged['comparison'], 'cases'> & { readonly cases: readonly StoredCase[] }
  readonly result: Older<Judged['result'], 'calibration'>
  readonly cases: readonly StoredSpec[]
  readonly measured: readonly StoredFacts[]
}

type Facts = Judged['measured'][number]
interface StoredFacts extends Omit<Facts, 'models'> {
  readonly models: Readonly<Record<Side, Older<Facts['models'][Side], 'externalData'>>>
}

interface StoredSpec extends Omit<CaseSpec, Side> {
  readonly baseline: StoredSide
  readonly candidate: StoredSide
}

interface StoredSide extends Older<Omit<SideSpec, 'session' | 'inputs'>, 'checkout'> {
  readonly session: Older<SideSpec['session'], 'deviceId' | 'cpuFallback' | 'configEntries' | 'engineVersion'>
  readonly inputs: Older<SideSpec['inputs'], 'samples' | 'recorded'>
}

interface StoredCase extends Omit<CaseComparison, 'metrics' | 'needed'> {
  readonly metrics: readonly Older<MetricComparison, 'baselineInterval' | 'candidateInterval'>[]
  readonly needed?: CaseComparison['needed']
}

interface StoredPlannedRun extends Omit<PlannedRun, 'plan' | 'queuedAt'> {
  readonly plan: StoredPlan
  readonly queuedAt: string
}

interface StoredPlan extends Older<Omit<PlannedRun['plan'], 'measuring' | 'cases'>, 'price'> {
  readonly measuring: StoredMeasuring
  readonly cases: readonly StoredSpec[]
}

type StoredMeasuring = Older<PlannedRun['plan']['measuring'], 'design'>

/** `Type`, some of whose keys an older version did not write. */
type Older<Type, Added extends keyof Type> = Omit<Type, Added> & Partial<Pick<Type, Added>>

/** A run outlives an upgrade of the bot: what its version did not know yet is filled in as unknown. */
export function reviveState(state: StoredRunState): RunState {
  switch (state.kind) {
    case 'new':
      return state
    case 'queued':
      return { kind: 'queued', planned: revivePlanned(state.planned) }
    case 'decided':
    case 'published':
      return { ...state, outcome: reviveOutcome(state.outcome) }
    default:
      return state satisfies never
  }
}

function revivePlanned({ commits, plan, queuedAt }: StoredPlannedRun): PlannedRun {
  const measuring = { ...plan.measuring, design: plan.measuring.design ?? DEFAULT_DESIGN }
  const { price = null, cases } = plan
  return {
    commits,
    plan: { ...plan, measuring, price, cases: cases.map(reviveSpec) },
    queuedAt: new Date(queuedAt)
  }
}

function reviveSpec(spec: StoredSpec): CaseSpec {
  return { ...spec, baseline: reviveSide(spec.baseline), candidate: reviveSide(spec.candidate) }
}

/** Older versions did what the defaults do. */
function reviveSide(side: StoredSide): SideSpec {
  return {
    checkout: null,
    ...side,
    session: { ...DEFAULT_SESSION, ...side.session },
    inputs: { ...INFERRED_INPUTS, ...side.inputs }
  }
}

function reviveFacts(facts: StoredFacts): Facts {
  const { baseline, candidate } = facts.models
  return {
    ...facts,
    models: { baseline: { externalData: [], ...baseline }, candidate: { externalData: [], ...candidate } }
  }
}

function reviveOutcome(outcome: StoredOutcome): Outcome {
  if (outcome.kind !== 'judged') return outcome
  const { comparison, result } = outcome
  return {
    ...outcome,
    checks: outcome.checks ?? [],
    cases: outcome.cases.map(reviveSpec),
    measured: outcome.measured.map(reviveFacts),
    comparison: { ...comparison, cases: comparison.cases.map(reviveCase) },
    result: { ...result, calibration: result.calibration ?? null }
  }
}

function reviveCase(stored: StoredCase): CaseComparison {
  const metrics = stored.metrics.map((metric) => ({
    ...metric,
    baselineInterval: metric.baselineInterval ?? null,
    candidateInterval: metric.candidateInterval ?? null
  }))
  return { ...stored, metrics, needed: stored.needed ?? null }
}
