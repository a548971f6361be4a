import { cleanLine, shortenText, toPlainText } from './clean-text.ts'
import { COMMENT_MARKER } from './comment-marker.ts'
import { byteLength, CHECK_TEXT_MAX_BYTES, COMMENT_MAX_BYTES, fitBytes } from './fit-bytes.ts'
import type { CheckConclusion } from './outcome.ts'
import type { ReportModel, ReportProblem } from './report-parts.ts'
import { countSections, prepareView, SECTIONS, type Shown } from './report-view.ts'
import type { DocumentName, ReportTemplates } from './templates.ts'

const TITLE_MAX_CHARS = 255
/** GitHub takes 50 annotations per request; more than that helps nobody. */
const ANNOTATIONS_MAX = 50
const ANNOTATION_MESSAGE_MAX_CHARS = 2000
const ANNOTATION_PATH_MAX_CHARS = 1024

/** A mark on a line of a file in the check run. */
export interface ReportAnnotation {
  readonly path: string
  readonly startLine: number
  readonly endLine: number
  readonly level: 'failure'
  readonly title: string
  readonly message: string
}

/** A report as GitHub takes it: plain title, Markdown for the rest, each within GitHub's limits. */
export interface RenderedReport {
  readonly conclusion: CheckConclusion
  readonly title: string
  readonly summary: string
  readonly text: string
  readonly annotations: readonly ReportAnnotation[]
  readonly comment: string
  /** False when a pull request that has no comment of ours yet can do without this one. */
  readonly deservesComment: boolean
}

/** Renders a report for GitHub. Text from the repository is inert in it whatever it holds. */
export function renderReport(model: ReportModel, templates: ReportTemplates): RenderedReport {
  const view = prepareView(model, COMMENT_MARKER)
  const counts = countSections(model)
  const renderDocument = (name: DocumentName, maxBytes: number) => {
    const render = (shown: Shown) => tidy(templates[name](view(shown)))
    return ensureFits(name, maxBytes, fitBytes({ maxBytes, counts, sacrifice: SECTIONS, render }))
  }
  return {
    conclusion: model.conclusion,
    title: shortenText(toPlainText(model.headline), TITLE_MAX_CHARS),
    summary: renderDocument('check-summary', CHECK_TEXT_MAX_BYTES),
    text: renderDocument('check-text', CHECK_TEXT_MAX_BYTES),
    annotations: model.problems.slice(0, ANNOTATIONS_MAX).map(annotate),
    comment: renderDocument('comment', COMMENT_MAX_BYTES),
    deservesComment: model.deservesComment
  }
}

/** What is left without any list is of bounded length; that it fits is up to the templates, so this is a bug in them. */
function ensureFits(name: DocumentName, maxBytes: number, document: string): string {
  if (byteLength(document) <= maxBytes) return document
  throw new RangeError(`The ${name} needs ${byteLength(document)} bytes without any list; ${maxBytes} are allowed.`)
}

/** Templates leave blank lines where sections are missing. Foreign blocks never hold two blank lines in a row. */
function tidy(markdown: string): string {
  return `${markdown.replace(/\n{3,}/gu, '\n\n').trim()}\n`
}

function annotate({ file, line, key, message }: ReportProblem): ReportAnnotation {
  const startLine = Number.isSafeInteger(line) && line > 0 ? line : 1
  return {
    path: cleanLine(file, ANNOTATION_PATH_MAX_CHARS),
    startLine,
    endLine: startLine,
    level: 'failure',
    title: shortenText(key === '' ? 'Tailgate configuration' : cleanLine(key), TITLE_MAX_CHARS),
    message: cleanLine(message, ANNOTATION_MESSAGE_MAX_CHARS) || 'This is not valid.'
  }
}
