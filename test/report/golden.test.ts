import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { loadTemplates } from '#src/report/load-templates.ts'
import type { Outcome, RunIdentity } from '#src/report/outcome.ts'
import { renderReport } from '#src/report/render.ts'
import { buildReport } from '#src/report/report-model.ts'
import { hostileChecks } from './hostile-checks.ts'
import {
  DIFFERS,
  DISCARDED,
  DISTURBED,
  everyDiagnosis,
  LESS_ACCURATE,
  NOT_EQUIVALENT,
  OVER_BUDGET,
  otherSession,
  REFUSED_DEVICE,
  twentyChecked,
  UNDECIDED_BUDGET
} from './sample-checked-runs.ts'
import {
  CASE_ID,
  CONFIG_INVALID,
  caseWith,
  FAILED,
  FAILURE,
  failingCase,
  HOSTILE_TEXTS,
  hostileOutcomes,
  IDENTITY,
  judged,
  MIXED,
  manyCases,
  measuredFacts,
  NOT_FINISHED,
  NOTHING_COMPARABLE,
  NOTHING_RELEVANT,
  REGRESSION,
  specWith,
  TIMED_OUT,
  twentyCases,
  untrustedMachine
} from './sample-outcomes.ts'
import { scenarioRun } from './sample-scenarios.ts'

const GOLDEN = resolve(import.meta.dirname, '../golden')
const templates = loadTemplates()
const [hostile] = hostileOutcomes(HOSTILE_TEXTS.join(' '))

/** The check run as GitHub stores it, readable as one page, and the comment as it is. */
function renderFiles(outcome: Outcome, identity: RunIdentity = IDENTITY) {
  const { conclusion, title, summary, text, annotations, comment } = renderReport(
    buildReport(identity, outcome),
    templates
  )
  const marks = annotations.map(
    (mark) => `${mark.path}:${mark.startLine} ${mark.level}: ${mark.title}: ${mark.message}`
  )
  const head = [`conclusion: ${conclusion}`, `title: ${title}`, ...marks].map((line) => `    ${line}`).join('\n')
  return { check: `${head}\n\n${summary}\n---\n\n${text}`, comment }
}

const OUTCOMES: readonly (readonly [name: string, outcome: Outcome])[] = [
  ['regression', REGRESSION],
  ['mixed', MIXED],
  ['improvement', judged('improvement', [caseWith(CASE_ID, 'improvement', -0.21)])],
  ['unchanged', judged('unchanged', [caseWith(CASE_ID, 'unchanged', 0.009)])],
  ['inconclusive', judged('inconclusive', [caseWith(CASE_ID, 'inconclusive', 0.018)])],
  ['advisory', { ...REGRESSION, gate: 'advisory' }],
  [
    'not-measured',
    judged('unchanged', [caseWith(CASE_ID, 'unchanged', 0.009)], {
      cases: [specWith(CASE_ID), specWith('asr/default/offline')],
      notMeasured: [{ caseId: 'asr/default/offline', failure: FAILURE }]
    })
  ],
  [
    'new-model',
    judged('unchanged', [], {
      cases: [specWith(CASE_ID)],
      notMeasured: [
        {
          caseId: CASE_ID,
          failure: { code: 'model_missing', side: 'baseline', message: 'models/vad.onnx is not there.', hint: '' }
        }
      ]
    })
  ],
  ['not-finished', NOT_FINISHED],
  [
    'all-timed-out',
    judged('inconclusive', [], {
      cases: [specWith(CASE_ID)],
      notMeasured: [
        {
          caseId: CASE_ID,
          failure: {
            code: 'timed_out',
            side: null,
            message: 'The time limit of 30 minutes was over before one round was complete.',
            hint: 'Raise runner.timeout_minutes on the base branch, or measure fewer cases.'
          }
        }
      ]
    })
  ],
  [
    'out-of-time',
    judged('inconclusive', [caseWith(CASE_ID, 'inconclusive', 0.018)], {
      measured: [
        measuredFacts(CASE_ID, {
          stopReason: 'out_of_time',
          warnings: ['The two sides were fed different inputs: sr is int64 on one and float32 on the other.']
        })
      ]
    })
  ],
  ['untrusted-machine', untrustedMachine()],
  [
    'never-calibrated',
    {
      ...judged('improvement', [{ ...caseWith(CASE_ID, 'improvement', -0.024), rounds: 31 }]),
      result: { ...REGRESSION.result, calibration: null }
    }
  ],
  ['failing-requests', judged('inconclusive', [failingCase(CASE_ID, { baseline: 0, candidate: 412 })])],
  ['nothing-comparable', NOTHING_COMPARABLE],
  ['nothing-relevant', NOTHING_RELEVANT],
  ['no-config-both', { kind: 'no_config', where: 'both' }],
  ['no-config-base', { kind: 'no_config', where: 'base' }],
  ['no-config-head', { kind: 'no_config', where: 'head' }],
  ['config-invalid', CONFIG_INVALID],
  ['failed', FAILED],
  ['timed-out', TIMED_OUT],
  ['cancelled', { kind: 'cancelled', reason: 'Commit 89abcdef is newer.' }],
  [
    'awaiting-approval',
    {
      kind: 'awaiting_approval',
      reason: 'The head commit comes from a fork; its code runs only when a maintainer approves it.'
    }
  ],
  ['20-cases', twentyCases()],
  ['300-cases', manyCases(300)],
  ['hostile', hostile ?? NOTHING_RELEVANT],
  ['not-equivalent', NOT_EQUIVALENT],
  ['differs', DIFFERS],
  ['less-accurate', LESS_ACCURATE],
  ['over-budget', OVER_BUDGET],
  ['undecided-budget', UNDECIDED_BUDGET],
  ['discarded-rounds', DISCARDED],
  ['disturbed-machine', DISTURBED],
  ['refused-device', REFUSED_DEVICE],
  ['every-diagnosis', everyDiagnosis()],
  ['other-session', otherSession()],
  ['server', scenarioRun('open_loop')],
  ['burst', scenarioRun('burst', 'unchanged')],
  ['ramp', scenarioRun('ramp')],
  ['cold-start', scenarioRun('cold_start')],
  ['generate', scenarioRun('generate', 'improvement')],
  ['soak', scenarioRun('soak')],
  ['20-cases-checked', twentyChecked()],
  ['hostile-checks', hostileChecks(HOSTILE_TEXTS.join(' '))]
]

describe('reports as people read them', () => {
  test.each(OUTCOMES)('%s', async (name, outcome) => {
    const { check, comment } = renderFiles(outcome)
    await expect(check).toMatchFileSnapshot(resolve(GOLDEN, `${name}.check.md`))
    await expect(comment).toMatchFileSnapshot(resolve(GOLDEN, `${name}.comment.md`))
  })
})
