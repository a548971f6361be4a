import Handlebars from 'handlebars'
import type { ReportView } from './report-view.ts'

/** The texts of the templates, by name. Our own files only: a template is a program. */
export interface TemplateTexts {
  readonly documents: Readonly<Record<DocumentName, string>>
  readonly partials: Readonly<Record<PartialName, string>>
}

export const DOCUMENT_NAMES = ['check-summary', 'check-text', 'comment'] as const
export type DocumentName = (typeof DOCUMENT_NAMES)[number]

export const PARTIAL_NAMES = ['verdict', 'metric-table', 'budget-table', 'details', 'compared', 'left-out'] as const
export type PartialName = (typeof PARTIAL_NAMES)[number]

export type ReportTemplates = Readonly<Record<DocumentName, (view: ReportView) => string>>

/** `strict`: a name that the view does not have is an error. `noEscape`: the view holds finished Markdown, not HTML. */
const OPTIONS = { strict: true, noEscape: true, preventIndent: true, knownHelpersOnly: true }

/** Compiles the templates once. Throws Handlebars' own error, with line and column, when one does not parse. */
export function compileTemplates({ documents, partials }: TemplateTexts): ReportTemplates {
  const environment = Handlebars.create()
  for (const name of PARTIAL_NAMES) {
    environment.registerPartial(name, environment.compile<ReportView>(environment.parse(partials[name]), OPTIONS))
  }
  const compile = (name: DocumentName) => environment.compile<ReportView>(environment.parse(documents[name]), OPTIONS)
  return {
    'check-summary': compile('check-summary'),
    'check-text': compile('check-text'),
    comment: compile('comment')
  }
}
