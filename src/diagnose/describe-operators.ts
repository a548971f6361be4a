import { countOf, type Sentence } from '#src/equivalence/sentence.ts'
import type { RepeatedTime } from './compare-repeats.ts'
import type { Finding } from './diagnosis.ts'
import type { OperatorContribution, OperatorTimeDiff } from './diff-operator-times.ts'
import type { PlacementDiff } from './diff-placements.ts'
import { formatRatio, formatTime } from './format-quantity.ts'
import { joinPieces, quoteName } from './quote-name.ts'

const MAX_CONTRIBUTORS = 3
const MAX_MOVES = 3

type OperatorFinding = Extract<
  Finding,
  {
    kind: 'placement_changed' | 'operators_changed' | 'operators_alike' | 'profile_disagrees' | 'binding_changed'
  }
>

export function describeOperators(finding: OperatorFinding): Sentence {
  switch (finding.kind) {
    case 'placement_changed':
      return describePlacement(finding.diff)
    case 'operators_changed':
      return describeContributors(finding.diff)
    case 'operators_alike':
      return [
        `In ${countOf(finding.diff.profiles.candidate, 'profile')} of each side no operator takes longer or shorter than the profiles of one side differ among themselves.`
      ]
    case 'profile_disagrees':
      return [
        `The profiles show the opposite: there the run takes ${describeTimes(finding.diff.run)}, one request after the other.`
      ]
    case 'binding_changed':
      return [
        `Handing tensors over and back, outside the graph, takes ${describeTimes(finding.binding)}: the difference is ${formatRatio(finding.shareOfCall)} of the call.`
      ]
    default:
      return finding satisfies never
  }
}

function describePlacement({ moves }: PlacementDiff): Sentence {
  const told = moves
    .slice(0, MAX_MOVES)
    .map(
      ({ type, from, to, nodes }): Sentence => [
        `${countOf(nodes, 'node')} of `,
        quoteName(type),
        ' run on ',
        quoteName(to),
        ', ran on ',
        quoteName(from)
      ]
    )
  const rest = moves.length - told.length
  return ['Placement: ', ...joinPieces(rest > 0 ? [...told, [`${rest} more moves`]] : told), '.']
}

function describeContributors({ contributors, explainedShare, run }: OperatorTimeDiff): Sentence {
  // Where some took longer and others shorter, parts of the sum exceed the whole and say nothing.
  const isOneWay = contributors.every(({ changeNs }) => Math.sign(changeNs) === Math.sign(run.changeNs))
  const told = contributors.slice(0, MAX_CONTRIBUTORS).map((contributor) => describeContributor(contributor, isOneWay))
  const rest = contributors.length - told.length
  const all = rest > 0 ? [...told, [countOf(rest, 'further operator')]] : told
  const share =
    explainedShare === null || rest === 0 || !isOneWay
      ? ''
      : ` Together they are ${formatRatio(explainedShare)} of the change.`
  const whole = explainedShare === null ? '' : ` The whole run takes ${describeTimes(run)}.`
  return ['In the profiles, ', ...joinPieces(all), `.${share}${whole}`]
}

function describeContributor(
  { type, provider, ns, shareOfChange, node }: OperatorContribution,
  isOneWay: boolean
): Sentence {
  const share = shareOfChange === null || !isOneWay ? '' : `, ${formatRatio(shareOfChange)} of the change`
  const where: Sentence = node === null ? [] : [', most of all ', quoteName(node.name)]
  const on: Sentence = provider === 'CPUExecutionProvider' ? [] : [' on ', quoteName(provider)]
  return [quoteName(type), ...on, ` ${describePerRequest(ns)} (${signOf(ns)}${share}`, ...where, ')']
}

function describePerRequest({ baseline, candidate }: RepeatedTime['ns']): string {
  if (baseline === 0) return `takes ${formatTime(candidate)} per request and was not there before`
  if (candidate === 0) return `is gone, took ${formatTime(baseline)} per request`
  return `takes ${formatTime(candidate)} per request instead of ${formatTime(baseline)}`
}

function signOf({ baseline, candidate }: RepeatedTime['ns']): string {
  return `${candidate < baseline ? '−' : '+'}${formatTime(candidate - baseline)}`
}

function describeTimes({ ns: { baseline, candidate } }: RepeatedTime): string {
  return `${formatTime(candidate)} instead of ${formatTime(baseline)}`
}
