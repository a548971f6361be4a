import { MS_PER_MINUTE } from '#contracts/units.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { formatCount, formatForecast, formatPlural } from './format-quantity.ts'
import { code, prose, type RichText } from './rich-text.ts'

/** Up to here the looks are planned beforehand; docs/statistics.md "Deciding". */
const PLANNED_ROUNDS_MAX = 16
/** Nobody waits longer than this for a check. */
const PATIENCE_MS = 60 * MS_PER_MINUTE

const OPEN_ENDED = 'looked at after every round, with a test that allows for that'

/** `vad/default/single_stream: about 12 more rounds, 40 s of measuring, should settle it.` Nothing when that is not known. */
export function describeNeeded({ id, needed }: CaseComparison): readonly RichText[] {
  if (needed === null) return []
  const rounds = formatPlural(Math.ceil(needed.rounds), 'more round')
  return [prose`${code(id)}: about ${rounds}, ${formatForecast(needed.measuringMs)} of measuring, should settle it.`]
}

/** How to get what the cases need, for the one that needs most. */
export function adviseOnNeeded(cases: readonly CaseComparison[]): readonly RichText[] {
  const known = cases.flatMap(({ rounds, needed }) => {
    return needed === null ? [] : [{ rounds: rounds + Math.ceil(needed.rounds), ms: needed.measuringMs }]
  })
  if (known.length === 0) return []
  const most = known.reduce((worst, item) => (item.rounds > worst.rounds ? item : worst))
  if (!(most.ms <= PATIENCE_MS)) {
    return [
      ['More measuring would take too long here: make the machine quieter, or set a wider limit on the base branch.']
    ]
  }
  const setting = code(`measuring.max_rounds: ${most.rounds}`)
  const how = most.rounds > PLANNED_ROUNDS_MAX ? ` The comparison is then ${OPEN_ENDED}.` : ''
  return [prose`To measure longer, set ${setting} on the base branch.${how}`]
}

/** How often a run of more rounds than planned was looked at; null for a shorter one. */
export function describeOpenEnded(cases: readonly CaseComparison[]): string | null {
  const most = Math.max(0, ...cases.map(({ rounds }) => rounds))
  return most > PLANNED_ROUNDS_MAX ? `${formatCount(most)} rounds, ${OPEN_ENDED}` : null
}
