import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import { COMMENT_MARKER } from '#src/report/comment-marker.ts'
import { byteLength, CHECK_TEXT_MAX_BYTES, COMMENT_MAX_BYTES } from '#src/report/fit-bytes.ts'
import { loadTemplates } from '#src/report/load-templates.ts'
import type { CaseChecks, Outcome, RunIdentity } from '#src/report/outcome.ts'
import { type RenderedReport, renderReport } from '#src/report/render.ts'
import { buildReport } from '#src/report/report-model.ts'
import type { ReportTemplates } from '#src/report/templates.ts'
import { hostileChecks } from './hostile-checks.ts'
import { hostileText } from './hostile-text.ts'
import { findEscaped } from './parse-report.ts'
import { everyDiagnosis, twentyChecked } from './sample-checked-runs.ts'
import {
  CONFIG_INVALID,
  HOSTILE_TEXTS,
  hostileIdentity,
  hostileOutcomes,
  IDENTITY,
  MIXED,
  manyCases,
  REGRESSION
} from './sample-outcomes.ts'

let templates: ReportTemplates
beforeAll(() => {
  templates = loadTemplates()
})

function render(outcome: Outcome, identity: RunIdentity = IDENTITY): RenderedReport {
  return renderReport(buildReport(identity, outcome), templates)
}

function renumber(checks: CaseChecks, copy: number): CaseChecks {
  const caseId = `${copy}/${checks.caseId}`
  return { ...checks, caseId, budgets: checks.budgets.map((budget) => ({ ...budget, caseId })) }
}

function expectWithinLimits(report: RenderedReport): void {
  expect(byteLength(report.summary)).toBeLessThanOrEqual(CHECK_TEXT_MAX_BYTES)
  expect(byteLength(report.text)).toBeLessThanOrEqual(CHECK_TEXT_MAX_BYTES)
  expect(byteLength(report.comment)).toBeLessThanOrEqual(COMMENT_MAX_BYTES)
  expect([...report.title].length).toBeLessThanOrEqual(255)
  for (const { message, title } of report.annotations) {
    expect(byteLength(message)).toBeLessThanOrEqual(64_000)
    expect([...title].length).toBeLessThanOrEqual(255)
  }
}

function expectInert(report: RenderedReport): void {
  for (const markdown of [report.summary, report.text, report.comment]) expect(findEscaped(markdown)).toEqual([])
  expect(report.comment.split(COMMENT_MARKER)[0]).toBe('')
  expect(report.title).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u)
}

describe('a report', () => {
  test('starts the comment with the marker and the verdict', () => {
    const { comment } = render(REGRESSION)
    expect(comment.startsWith(`${COMMENT_MARKER}\n\n### ❌ Regression: p50 of`)).toBe(true)
  })

  test('says the deciding number in the title', () => {
    expect(render(REGRESSION).title).toBe(
      'Regression: p50 of vad/default/single_stream is 62 % slower (61 % to 63 %); your limit is 2 %; a change of 1.1 % would have been seen.'
    )
  })

  test('marks each configuration mistake at its line', () => {
    expect(render(CONFIG_INVALID).annotations).toMatchObject([
      { path: '.github/tailgate.yml', startLine: 3, endLine: 3, level: 'failure', title: 'models.vad.path' },
      { path: '.github/tailgate.yml', startLine: 7, endLine: 7, level: 'failure', title: 'treshold' }
    ])
  })

  test('gives GitHub no more than 50 annotations and lists the others', () => {
    const problems = Array.from({ length: 120 }, (_, index) => ({
      file: 'f.yml',
      line: index,
      key: 'k',
      message: 'No.'
    }))
    const report = render({ kind: 'config_invalid', where: 'head', problems })
    expect(report.annotations).toHaveLength(50)
    expect(report.annotations[0]?.startLine).toBe(1)
    expect(report.summary).toContain('f.yml:119')
  })

  test('links commits only when the address of the repository is plain', () => {
    expect(render(REGRESSION).text).toContain('](https://github.com/acme/voice/commit/fedcba98')
    const odd = { ...IDENTITY, repositoryUrl: 'https://github.com/a) [x](https://evil.example' }
    expect(render(REGRESSION, odd).text).not.toContain('](')
  })

  test('shows the edit of a judging setting as not applied', () => {
    expect(render(MIXED).summary).toContain('(`thresholds.p50` and `gate`). The edit is not applied until merged.')
  })

  test('gives the command only when both commits are known', () => {
    expect(render(REGRESSION).text).toContain('npm run tailgate -- compare --repo path/to/clone --base 89abcdef')
    expect(render(REGRESSION, { ...IDENTITY, baselineSha: null, baseTipSha: null }).text).not.toContain('npm run')
    expect(render(REGRESSION, { ...IDENTITY, headSha: '$(reboot)' }).text).not.toContain('npm run')
  })
})

describe('hostile text', () => {
  test.each(HOSTILE_TEXTS)('%j is inert in every place', (text) => {
    for (const outcome of [...hostileOutcomes(text), hostileChecks(text)]) {
      const report = render(outcome, hostileIdentity(text))
      expectInert(report)
      expectWithinLimits(report)
    }
  })

  test('in names of outputs and operators is inert whatever it is made of', () => {
    fc.assert(
      fc.property(hostileText, (text) => expectInert(render(hostileChecks(text), hostileIdentity(text)))),
      { numRuns: 30 }
    )
  })

  test('is inert whatever it is made of', () => {
    fc.assert(
      fc.property(hostileText, fc.nat(11), (text, which) => {
        const outcome = hostileOutcomes(text)[which]
        if (outcome !== undefined) expectInert(render(outcome, hostileIdentity(text)))
      }),
      { numRuns: 60 }
    )
  })
})

// Parsing sixty kilobytes of tables takes a while on a busy machine.
describe('a report that is too long', { timeout: 30_000 }, () => {
  test('stays within the limits with the worst rows in it and everything closed', () => {
    const report = render(manyCases(300))
    expectWithinLimits(report)
    expectInert(report)
    expect(report.comment).toContain('rows were left out to stay within GitHub’s size limit; the worst come first.')
    expect(report.comment).toContain('| `model-297/default/single_stream` | p50 |')
    expect(byteLength(report.comment)).toBeGreaterThan(COMMENT_MAX_BYTES * 0.99)
  })

  test('of a thousand cases keeps the verdict, the worst rows and their sentences', () => {
    const report = render(manyCases(1000))
    expectWithinLimits(report)
    expectInert(report)
    for (const document of [report.summary, report.comment]) {
      expect(document).toContain('| `model-999/default/single_stream` | p50 |')
      expect(document).toContain('- p95 of `model-999/default/single_stream` is')
    }
    expect(report.text).toContain('`model-999/default/single_stream`\n\n```text')
  })

  test.each(['😀', 'ﷺ`', '@a|', '\u202E', '<!--\n'])('200 kB of %j everywhere end as valid Markdown', (piece) => {
    const text = piece.repeat(200_000 / byteLength(piece))
    for (const outcome of [...hostileOutcomes(text), hostileChecks(text)]) {
      const report = render(outcome, hostileIdentity(text))
      expectWithinLimits(report)
      expectInert(report)
    }
  })

  test('of many cases with checks of every kind keeps the answers that differ', () => {
    const many = Array.from({ length: 40 }, (_, copy) => twentyChecked().checks.map((item) => renumber(item, copy)))
    const cases = everyDiagnosis().comparison.cases
    const outcome: Outcome = { ...twentyChecked(), checks: [...many.flat(), ...everyDiagnosis().checks] }
    const report = render({ ...outcome, comparison: { verdict: 'regression', cases } })
    expectWithinLimits(report)
    expectInert(report)
    expect(report.comment).toContain('`39/detector/default/single_stream`: The outputs differ')
    expect(report.comment).toContain('left out to stay within GitHub’s size limit')
  })

  test('holds many long failures, problems and skipped cases', () => {
    const text = '😀'.repeat(5000)
    const items = Array.from({ length: 100 }, (_, index) => `${index} ${text}`)
    const failure = { code: 'inference_failed', side: null, message: text, hint: text } as const
    const many: readonly Outcome[] = [
      { ...REGRESSION, notMeasured: items.map((caseId) => ({ caseId, failure })), policyEdits: items },
      { ...REGRESSION, skipped: items.map((id) => ({ id, why: 'added', detail: text })) },
      {
        kind: 'config_invalid',
        where: 'base',
        problems: items.map((key) => ({ file: text, line: 1, key, message: text }))
      }
    ]
    for (const outcome of many) {
      const report = render(outcome)
      expectWithinLimits(report)
      expectInert(report)
      expect(report.comment).toContain('left out to stay within GitHub’s size limit')
    }
  })
})
