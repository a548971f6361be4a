import { BUDGET_NAMES, type BudgetName, type Budgets } from '#contracts/budgets.ts'
import { type DecisionDesign, FIRST_LOOK } from '#contracts/decision-design.ts'
import { SIDES, type Side } from '#contracts/identifiers.ts'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { BUDGET_FACTS, type BudgetUnit } from './budget-facts.ts'
import { boundLevels, boundShare, type LevelBounds } from './level-bounds.ts'
import { countShares, type PeakBytes, roundLevels } from './round-levels.ts'

/** `kept` and `broken` only where the whole interval lies on one side of the limit. */
export type BudgetVerdict = 'kept' | 'broken' | 'undecided'

export interface SideBudget extends LevelBounds {
  readonly verdict: BudgetVerdict
}

export interface BudgetJudgement {
  readonly caseId: string
  readonly name: BudgetName
  readonly unit: BudgetUnit
  readonly kind: 'ceiling' | 'floor'
  /** In the unit. */
  readonly limit: number
  /** Of the candidate. */
  readonly verdict: BudgetVerdict
  /** Why it is undecided; null otherwise. `environment`: the machine was disturbed, so that levels say nothing. */
  readonly reason: 'straddles_limit' | 'too_few_rounds' | 'not_measured' | 'outside_ramp' | 'environment' | null
  /** Rounds that could tell the candidate's level. */
  readonly rounds: number
  /** Null where nothing is known. */
  readonly candidate: SideBudget | null
  readonly baseline: SideBudget | null
}

export interface BudgetedMeasurement {
  readonly measured: MeasuredCase
  readonly budgets: Budgets
  /** Peak memory of each round, from the record of the machine. A soak has readings of its own. */
  readonly peakBytes?: PeakBytes
  /** The machine was disturbed in too many rounds: what depends on time stays undecided. */
  readonly isDisturbed?: boolean
}

/** A machine that is disturbed makes requests slower, not larger, and it fails none by itself. */
const UNDISTURBED: ReadonlySet<BudgetName> = new Set(['memoryPeakMb', 'errorRate'])

const NO_PEAKS: PeakBytes = { baseline: [], candidate: [] }

/**
 * Judges the absolute limits of all cases by the confidence bounds of the candidate's level over its rounds, never by the
 * point. Worst first. docs/statistics.md "Budgets".
 *
 * @param design of the run: how often its rounds were looked at
 */
export function judgeBudgets(cases: readonly BudgetedMeasurement[], design?: DecisionDesign): BudgetJudgement[] {
  return cases
    .flatMap((item) =>
      BUDGET_NAMES.flatMap((name) => {
        const limit = item.budgets[name]
        return limit === undefined ? [] : [judgeBudget(item, name, limit, design)]
      })
    )
    .sort(compareBadness)
}

function judgeBudget(
  item: BudgetedMeasurement,
  name: BudgetName,
  written: number,
  design: DecisionDesign | undefined
): BudgetJudgement {
  const { unit, kind, perWritten } = BUDGET_FACTS[name]
  const limit = written * perWritten
  const [baseline, candidate] = SIDES.map((side) => {
    const levels = measureSide(item, name, side, design)
    return { rounds: levels.rounds, judged: judgeSide(levels, limit, kind) }
  })
  const rounds = candidate?.rounds ?? 0
  const obstacle = findObstacle(item, name, limit)
  const verdict = obstacle === null ? (candidate?.judged?.verdict ?? 'undecided') : 'undecided'
  return {
    caseId: item.measured.id,
    name,
    unit,
    kind,
    limit,
    verdict,
    reason: obstacle ?? (verdict === 'undecided' ? explainDoubt(rounds) : null),
    rounds,
    candidate: candidate?.judged ?? null,
    baseline: baseline?.judged ?? null
  }
}

/** What keeps a budget undecided whatever the levels are. */
function findObstacle(item: BudgetedMeasurement, name: BudgetName, limit: number): BudgetJudgement['reason'] {
  if (item.isDisturbed === true && !UNDISTURBED.has(name)) return 'environment'
  return name === 'minSustainedRatePerS' && isOutsideRamp(item.measured, limit) ? 'outside_ramp' : null
}

/** A ramp cannot tell by how much its rates were too low or too high. */
function isOutsideRamp({ blocks }: MeasuredCase, limit: number): boolean {
  const rates = blocks.flatMap(({ load }) => (load === undefined ? [] : [load.offeredPerS]))
  if (rates.length === 0) return false
  const [lowest, highest] = rates.reduce(([low, high], rate) => [Math.min(low, rate), Math.max(high, rate)] as const, [
    Number.POSITIVE_INFINITY,
    0
  ] as readonly [number, number])
  return limit < lowest || limit > highest
}

interface MeasuredLevel {
  readonly rounds: number
  readonly bounds: LevelBounds | null
}

function measureSide(
  { measured, peakBytes = NO_PEAKS }: BudgetedMeasurement,
  name: BudgetName,
  side: Side,
  design: DecisionDesign | undefined
): MeasuredLevel {
  if (name === 'errorRate' || name === 'minGoodput') {
    const rounds = countShares(name, measured, side)
    const hangTogether = name === 'minGoodput' || measured.blocks.some(({ load }) => load !== undefined)
    const bounds = boundShare(rounds, hangTogether, design)
    return { rounds: bounds === null ? 0 : rounds.length, bounds }
  }
  const levels = roundLevels(name, { measured, side, peakBytes })
  return { rounds: levels.length, bounds: boundLevels(levels, 'log', design) }
}

/** Fewer than six rounds prove nothing either way, as everywhere. */
function judgeSide({ rounds, bounds }: MeasuredLevel, limit: number, kind: 'ceiling' | 'floor'): SideBudget | null {
  if (bounds === null) return null
  if (rounds < FIRST_LOOK) return { ...bounds, verdict: 'undecided' }
  const isKept = kind === 'ceiling' ? bounds.high <= limit : bounds.low >= limit
  const isBroken = kind === 'ceiling' ? bounds.low > limit : bounds.high < limit
  return { ...bounds, verdict: isKept ? 'kept' : isBroken ? 'broken' : 'undecided' }
}

function explainDoubt(rounds: number): BudgetJudgement['reason'] {
  if (rounds === 0) return 'not_measured'
  return rounds < FIRST_LOOK ? 'too_few_rounds' : 'straddles_limit'
}

const RANK: Readonly<Record<BudgetVerdict, number>> = { broken: 0, undecided: 1, kept: 2 }

function compareBadness(a: BudgetJudgement, b: BudgetJudgement): number {
  const excess = excessOf(b) - excessOf(a)
  return RANK[a.verdict] - RANK[b.verdict] || (Number.isNaN(excess) ? 0 : excess)
}

/** How far over its limit the candidate is, as a ratio; nothing known is the worst. */
function excessOf({ candidate, kind, limit }: BudgetJudgement): number {
  if (candidate === null) return Number.MAX_VALUE
  const ratio = kind === 'ceiling' ? candidate.value / limit : limit / candidate.value
  return Number.isNaN(ratio) ? 0 : Math.min(ratio, Number.MAX_VALUE)
}
