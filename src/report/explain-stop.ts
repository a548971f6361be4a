import type { StopReason } from '#contracts/benchmark-result.ts'
import type { InconclusiveReason } from '#stats/verdict.ts'
import { adviseOnReason } from './explain-reason.ts'
import type { RichText } from './rich-text.ts'
import type { Judged } from './unmeasured.ts'

/** Why measuring ended before an inconclusive case was settled, and what that asks of people. */
export interface StopText {
  /** One sentence. */
  readonly why: string
  readonly next: RichText
}

/** Reasons that more rounds could have changed: only for these it matters why there were no more. */
const OPEN_TO_MORE_ROUNDS: ReadonlySet<InconclusiveReason['kind']> = new Set([
  'straddles_margin',
  'not_significant',
  'too_few_rounds'
])

/** What the worker says about a case that stayed open for `reason`; null when the reason says it all. */
export function explainStop(
  measured: Judged['measured'],
  caseId: string,
  reason: InconclusiveReason | null
): StopText | null {
  if (reason === null || !OPEN_TO_MORE_ROUNDS.has(reason.kind)) return null
  const facts = measured.find((item) => item.caseId === caseId)
  return facts === undefined || facts.stopReason === null ? null : describeStop(facts.stopReason)
}

function describeStop(stopReason: StopReason): StopText | null {
  switch (stopReason) {
    case 'forecast':
      return {
        why: 'Measuring stopped early, because more of it could not have settled this within the rounds allowed.',
        next: [
          'Measure on a quieter machine, give each round more measuring time or set a wider limit on the base branch.'
        ]
      }
    case 'out_of_time':
      return {
        why: 'The time limit of the job came before a decision.',
        next: adviseOnReason({ kind: 'out_of_time' })
      }
    case 'regression':
      return {
        why: 'Measuring stopped when a regression was certain, so the other cases were not finished.',
        next: ['The cases that were not finished are measured again with the next push.']
      }
    case 'max_rounds':
    case 'pass':
      return null
    default:
      return stopReason satisfies never
  }
}
