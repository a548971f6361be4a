import { describe, expect, test } from 'vitest'
import { buildReport } from '#src/report/report-model.ts'
import { countSections, prepareView } from '#src/report/report-view.ts'
import { compileTemplates, type TemplateTexts } from '#src/report/templates.ts'
import { IDENTITY, NOTHING_RELEVANT, REGRESSION } from './sample-outcomes.ts'

function textsWith(comment: string): TemplateTexts {
  return {
    documents: { 'check-summary': '', 'check-text': '', comment },
    partials: { verdict: '', 'metric-table': '', 'budget-table': '', details: '', compared: '', 'left-out': '' }
  }
}

function view(outcome = REGRESSION) {
  const model = buildReport(IDENTITY, outcome)
  return prepareView(model, '<!-- m -->')(countSections(model))
}

describe('templates', () => {
  test('a name that the view does not have is an error', () => {
    expect(() => compileTemplates(textsWith('{{headlin}}')).comment(view())).toThrow('"headlin" not defined')
  })

  test('a mistake in the syntax is an error when they are compiled', () => {
    expect(() => compileTemplates(textsWith('{{#if rows}}'))).toThrow('Parse error')
  })

  test('finished Markdown is not escaped again', () => {
    const { comment } = compileTemplates(textsWith('{{marker}}'))
    expect(comment(view())).toBe('<!-- m -->')
  })
})

test('an outcome without cases deserves a check and no comment of its own', () => {
  expect(buildReport(IDENTITY, NOTHING_RELEVANT).deservesComment).toBe(false)
  expect(buildReport(IDENTITY, REGRESSION).deservesComment).toBe(true)
})
