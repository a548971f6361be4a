import { concludeOutcome } from './conclusion.ts'
import { describeFailure, describeFailureCode } from './describe-failure.ts'
import { describeCommits, describeIdentity, describeReproduction, describeSkipped } from './describe-run.ts'
import { formatCount, formatPlural } from './format-quantity.ts'
import { buildJudgedReport } from './judged-report.ts'
import type { Outcome, RunIdentity, SkippedCase } from './outcome.ts'
import { emptyReport, type ReportModel } from './report-parts.ts'
import { code, commitLink, prose } from './rich-text.ts'
import { proseFromUntrusted } from './untrusted-prose.ts'

const CONFIG_FILE = '.github/tailgate.yml'
const STARTER_CONFIG = 'version: 1\nmodels:\n  my-model: { path: models/my-model.onnx }'

type OutcomeOf<Kind extends Outcome['kind']> = Extract<Outcome, { kind: Kind }>

/** Turns what a run came to into everything that its report says. All numbers are formatted here. */
export function buildReport(identity: RunIdentity, outcome: Outcome): ReportModel {
  switch (outcome.kind) {
    case 'judged':
      return buildJudgedReport(identity, outcome)
    case 'nothing_relevant':
      return reportNothingRelevant(identity, outcome)
    case 'nothing_comparable':
      return reportNothingComparable(identity, outcome)
    case 'no_config':
      return reportNoConfig(identity, outcome)
    case 'config_invalid':
      return reportConfigInvalid(identity, outcome)
    case 'failed':
      return reportFailed(identity, outcome)
    case 'cancelled':
      return reportCancelled(identity, outcome)
    case 'awaiting_approval':
      return reportAwaitingApproval(identity, outcome)
    default:
      return outcome satisfies never
  }
}

function essentials(identity: RunIdentity, outcome: Outcome): Pick<ReportModel, 'conclusion' | 'commits' | 'facts'> {
  return {
    conclusion: concludeOutcome(outcome),
    commits: describeCommits(identity),
    facts: describeIdentity(identity)
  }
}

function reportNothingRelevant(identity: RunIdentity, outcome: OutcomeOf<'nothing_relevant'>): ReportModel {
  const { skipped } = outcome
  const unaffected = skipped.filter(({ why }) => why === 'unaffected').length
  return {
    ...emptyReport({
      ...essentials(identity, outcome),
      mark: 'nothing_to_do',
      headline: [sayNothingRelevant(outcome)],
      nextSteps: [[unaffected === 0 ? 'Nothing to do.' : 'Nothing to do. To measure all the same, re-run this check.']]
    }),
    notes: unaffected === 0 ? [] : [[`Not measured because nothing changed: ${formatPlural(unaffected, 'case')}.`]],
    skipped: skipped.map(describeSkipped),
    skippedFirst: true,
    deservesComment: false
  }
}

function sayNothingRelevant({ changedFiles, skipped }: OutcomeOf<'nothing_relevant'>): string {
  const oneSided = countOneSided(skipped)
  if (oneSided !== null) {
    const rest = skipped.some(({ why }) => why === 'unaffected') ? '; the others were not changed' : ''
    return `Nothing to compare: ${oneSided}${rest}.`
  }
  if (changedFiles === null) return 'Nothing that Tailgate measures was changed.'
  const files = changedFiles === 1 ? 'this 1 file' : `these ${formatCount(changedFiles)} files`
  return `Nothing that Tailgate measures was changed by ${files}.`
}

/** `2 cases are new and 1 case was removed`; null when every case has both sides. */
function countOneSided(skipped: readonly SkippedCase[]): string | null {
  const count = (why: SkippedCase['why']) => skipped.filter((item) => item.why === why).length
  const [added, removed] = [count('added'), count('removed')]
  const parts = [
    ...(added === 0 ? [] : [`${formatPlural(added, 'case')} ${added === 1 ? 'is' : 'are'} new`]),
    ...(removed === 0 ? [] : [`${formatPlural(removed, 'case')} ${removed === 1 ? 'was' : 'were'} removed`])
  ]
  return parts.length === 0 ? null : parts.join(' and ')
}

function reportNothingComparable(identity: RunIdentity, outcome: OutcomeOf<'nothing_comparable'>): ReportModel {
  const { gate, skipped } = outcome
  const base = code(identity.baseRef)
  const why = countOneSided(skipped) ?? 'no case has both sides'
  return {
    ...emptyReport({
      ...essentials(identity, outcome),
      mark: 'no_verdict',
      headline: [`No verdict: nothing could be compared, because ${why}.`],
      nextSteps: [
        ['If it is the same model, keep its id and that of its session: they say what is compared with what.'],
        ['If it is another model, add it beside the old one in a pull request of its own, then remove the old one.']
      ]
    }),
    notes: [
      ['A case is compared by its id. Were this to pass, renaming a model would get any change of it past the check.'],
      ...(gate === 'advisory' ? [prose`The gate is advisory on ${base}: this does not block the merge.`] : [])
    ],
    skipped: skipped.map(describeSkipped),
    skippedFirst: true
  }
}

function reportNoConfig(identity: RunIdentity, outcome: OutcomeOf<'no_config'>): ReportModel {
  const base = code(identity.baseRef)
  const file = code(CONFIG_FILE)
  const shared = essentials(identity, outcome)
  switch (outcome.where) {
    case 'both':
      return {
        ...emptyReport({
          ...shared,
          mark: 'nothing_to_do',
          headline: prose`Nothing was measured: this repository has no ${file} yet.`,
          nextSteps: [prose`To start, add ${file} to ${base} with the path of a model:`]
        }),
        starterConfig: STARTER_CONFIG,
        deservesComment: false
      }
    case 'base':
      return {
        ...emptyReport({
          ...shared,
          mark: 'nothing_to_do',
          headline: prose`Nothing was measured: ${base} has no valid ${file} yet, and this pull request brings one.`,
          nextSteps: [prose`Merge this pull request. The ones after it are measured against ${base}.`]
        }),
        deservesComment: false
      }
    case 'head':
      return emptyReport({
        ...shared,
        mark: 'config_problem',
        headline: prose`No verdict: this pull request deletes ${file}, which ${base} has.`,
        nextSteps: [
          prose`Put ${file} back as it is on ${base}.`,
          ['To stop using Tailgate, first remove it from the required checks, then merge without this check.']
        ]
      })
    default:
      return outcome.where satisfies never
  }
}

function reportConfigInvalid(identity: RunIdentity, outcome: OutcomeOf<'config_invalid'>): ReportModel {
  const { where, problems } = outcome
  const owner = where === 'base' ? prose`of ${code(identity.baseRef)}` : prose`of this pull request`
  const count = formatPlural(problems.length, 'mistake')
  return {
    ...emptyReport({
      ...essentials(identity, outcome),
      mark: 'config_problem',
      headline: prose`No verdict: the configuration ${owner} has ${count}, so nothing was measured.`,
      nextSteps: [
        where === 'base'
          ? prose`Correct the file on ${code(identity.baseRef)}, then re-run this check.`
          : prose`Correct the lines above and push.`,
        prose`To try a correction before pushing: ${code('npm run tailgate -- check-config')}.`
      ]
    }),
    problems
  }
}

function reportFailed(identity: RunIdentity, outcome: OutcomeOf<'failed'>): ReportModel {
  const { failure } = outcome
  return {
    ...emptyReport({
      ...essentials(identity, outcome),
      mark: 'no_verdict',
      headline: [`No verdict: ${describeFailureCode(failure)}. This says nothing about the speed of the change.`],
      nextSteps: []
    }),
    failures: [describeFailure(null, failure)],
    reproduce: describeReproduction(identity)
  }
}

function reportCancelled(identity: RunIdentity, outcome: OutcomeOf<'cancelled'>): ReportModel {
  return {
    ...emptyReport({
      ...essentials(identity, outcome),
      mark: 'cancelled',
      headline: prose`Cancelled: ${proseFromUntrusted(outcome.reason)}`,
      nextSteps: [['Nothing to do if a newer commit is being measured. Otherwise re-run this check.']]
    }),
    deservesComment: false
  }
}

function reportAwaitingApproval(identity: RunIdentity, outcome: OutcomeOf<'awaiting_approval'>): ReportModel {
  const commit = commitLink(identity.headSha, identity.repositoryUrl)
  return emptyReport({
    ...essentials(identity, outcome),
    mark: 'waiting',
    headline: prose`Waiting for a maintainer: nothing of commit ${commit} has been run.`,
    nextSteps: [
      prose`${proseFromUntrusted(outcome.reason)}`,
      prose`Somebody with write access reads the change and then comments ${code(`/benchmark ${identity.headSha}`)}. The approval holds for this commit only.`
    ]
  })
}
