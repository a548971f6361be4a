import { MAX_PLANNED_ROUNDS, MAX_ROUNDS } from '#contracts/decision-design.ts'
import { MS_PER_MINUTE } from '#contracts/units.ts'
import type { CaseComparison } from '#stats/verdict.ts'
import { formatCount, formatForecast, formatPlural } from './format-quantity.ts'
import { code, prose, type RichText } from './rich-text.ts'

/** Nobody waits longer than this for a check. */
const PATIENCE_MS = 60 * MS_PER_MINUTE

const OPEN_ENDED = 'judged with a test that allows for looking as often as anybody likes'

interface Reachable {
  /** Rounds in all. */
  readonly rounds: number
  readonly measuringMs: number
}

/** What would settle a case; `out_of_reach` when that is more than anybody would wait for or may configure. */
function reach({ rounds, needed }: CaseComparison): Reachable | 'out_of_reach' | null {
  if (needed === null) return null
  const inAll = rounds + Math.ceil(needed.rounds)
  const isInReach = inAll <= MAX_ROUNDS && needed.measuringMs <= PATIENCE_MS
  return isInReach ? { rounds: inAll, measuringMs: needed.measuringMs } : 'out_of_reach'
}

/** `about 40 s more of measuring should settle it`; null when nothing is known of it. */
export function describeNeededTime(of: CaseComparison): string | null {
  const reached = reach(of)
  if (reached === null) return null
  if (reached === 'out_of_reach') return 'more measuring would take too long to settle it'
  return `about ${formatForecast(reached.measuringMs)} more of measuring should settle it`
}

/** `vad/default/single_stream: about 12 more rounds, 40 s of measuring, should settle it.` Nothing when that is not known. */
export function describeNeeded(of: CaseComparison): readonly RichText[] {
  const reached = reach(of)
  if (reached === null) return []
  if (reached === 'out_of_reach') {
    return [prose`${code(of.id)}: more measuring would take too long to settle it, so much does it scatter.`]
  }
  const rounds = formatPlural(reached.rounds - of.rounds, 'more round')
  const time = formatForecast(reached.measuringMs)
  return [prose`${code(of.id)}: about ${rounds}, ${time} of measuring, should settle it.`]
}

/** How to get what the cases need, for the one within reach that needs most. */
export function adviseOnNeeded(cases: readonly CaseComparison[]): readonly RichText[] {
  const reached = cases.map(reach)
  const advice: RichText[] = []
  const most = Math.max(0, ...reached.map((item) => (item === null || item === 'out_of_reach' ? 0 : item.rounds)))
  if (most > 0) {
    const how = most > MAX_PLANNED_ROUNDS ? ` Above ${MAX_PLANNED_ROUNDS}, the comparison is ${OPEN_ENDED}.` : ''
    advice.push(
      prose`To measure longer, set ${code('measuring.max_rounds')} to ${most} or more on the base branch.${how}`
    )
  }
  if (reached.includes('out_of_reach')) {
    advice.push(['Where it scatters too much, make the machine quieter, or set a wider limit on the base branch.'])
  }
  return advice
}

/** How often a run of more rounds than planned was looked at; null for a shorter one. */
export function describeOpenEnded(cases: readonly CaseComparison[]): string | null {
  const most = Math.max(0, ...cases.map(({ rounds }) => rounds))
  return most > MAX_PLANNED_ROUNDS ? `${formatCount(most)} rounds, ${OPEN_ENDED}` : null
}
