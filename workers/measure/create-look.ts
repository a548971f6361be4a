import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { MeasuredCase } from '#contracts/measurements.ts'
import { lookAt } from '#stats/look-at.ts'
import { type RoundStatistics, summariseRounds } from '#stats/summarise-rounds.ts'
import type { LookDecision } from '#stats/verdict.ts'

/**
 * The early-stopping rule for one job. A launch's statistics are worked out once and kept: later looks only add the
 * rounds that are new.
 *
 * @param plan round counts at which a decision may be taken, the largest of which is the most rounds there will be, and the design they belong to
 */
export function createLook(
  plan: Pick<MeasuringPlan, 'looks' | 'design'>
): (cases: MeasuredCase[], roundsDone: number) => LookDecision {
  const kept = new Map<string, Map<number, RoundStatistics>>()

  function summarise({ id, blocks }: MeasuredCase): RoundStatistics[] {
    const known = kept.get(id) ?? new Map<number, RoundStatistics>()
    kept.set(id, known)
    const fresh = blocks.filter(({ launch }) => !known.has(launch))
    for (const round of summariseRounds(fresh)) known.set(round.launch, round)
    return [...known.values()]
  }

  return (cases, roundsDone) =>
    lookAt(
      cases.map((measured) => ({ id: measured.id, thresholds: measured.thresholds, rounds: summarise(measured) })),
      { ...plan, roundsDone }
    )
}
