import { cleanBlock, cleanLine, toPlainText } from './clean-text.ts'
import { PICTURE_LEGEND } from './draw-intervals.ts'
import type { ReportRow, RowVerdict } from './metric-rows.ts'
import type {
  ReportAmount,
  ReportBudget,
  ReportCase,
  ReportFailure,
  ReportModel,
  ReportPicture,
  ReportPoints,
  ReportPooled,
  ReportScenario
} from './report-parts.ts'
import { describeProblem } from './view-items.ts'

const SIGNS: Readonly<Record<RowVerdict, string>> = {
  regression: 'x',
  inconclusive: '?',
  unchanged: '=',
  bounded: '=',
  improvement: '+',
  not_assessed: '-'
}

const BUDGET_SIGNS: Readonly<Record<ReportBudget['verdict'], string>> = { broken: 'x', undecided: '?', kept: '=' }

type Align = 'left' | 'right'

interface Column<Item> {
  readonly title: string
  readonly align: Align
  readonly text: (item: Item) => string
}

const ROW_COLUMNS: readonly Column<ReportRow>[] = [
  { title: 'Case', align: 'left', text: (row) => cleanLine(row.caseId) },
  { title: 'Metric', align: 'left', text: (row) => row.metric },
  { title: 'Baseline', align: 'right', text: (row) => row.baseline },
  { title: 'Candidate', align: 'right', text: (row) => row.candidate },
  { title: 'Change', align: 'right', text: (row) => row.change },
  { title: 'Interval', align: 'right', text: (row) => row.interval },
  { title: 'Verdict', align: 'left', text: (row) => `${SIGNS[row.verdict]} ${row.verdictText}` }
]

const CASE_COLUMNS: readonly Column<ReportCase>[] = [
  { title: 'Case', align: 'left', text: (item) => cleanLine(item.id) },
  { title: 'Model', align: 'left', text: (item) => toPlainText(item.model) },
  { title: 'Session', align: 'left', text: (item) => toPlainText(item.session) },
  { title: 'Scenario', align: 'left', text: (item) => item.scenario },
  { title: 'Rounds', align: 'right', text: (item) => item.rounds },
  { title: 'Requests per side', align: 'right', text: (item) => item.requests },
  { title: 'Failed', align: 'right', text: (item) => item.errors }
]

const BUDGET_COLUMNS: readonly Column<ReportBudget>[] = [
  { title: 'Case', align: 'left', text: ({ caseId }) => cleanLine(caseId) },
  { title: 'Budget', align: 'left', text: ({ budget }) => budget },
  { title: 'Limit', align: 'right', text: ({ limit }) => limit },
  { title: 'Baseline', align: 'right', text: ({ baseline }) => baseline },
  { title: 'Candidate', align: 'right', text: ({ candidate }) => candidate },
  { title: 'Interval', align: 'right', text: ({ interval }) => interval },
  { title: 'Verdict', align: 'left', text: ({ verdict, verdictText }) => `${BUDGET_SIGNS[verdict]} ${verdictText}` }
]

const AMOUNT_COLUMNS: readonly Column<ReportAmount>[] = [
  { title: 'Case', align: 'left', text: ({ caseId }) => cleanLine(caseId) },
  { title: 'What', align: 'left', text: ({ what }) => what },
  { title: 'Baseline', align: 'right', text: ({ baseline }) => toPlainText(baseline) },
  { title: 'Candidate', align: 'right', text: ({ candidate }) => toPlainText(candidate) },
  { title: 'Change', align: 'right', text: ({ change }) => change },
  { title: 'Interval', align: 'right', text: ({ interval }) => interval }
]

const POOLED_COLUMNS: readonly Column<ReportPooled>[] = [
  { title: 'Case', align: 'left', text: ({ caseId }) => cleanLine(caseId) },
  { title: 'Metric', align: 'left', text: ({ metric }) => metric },
  { title: 'Baseline', align: 'right', text: ({ baseline }) => baseline },
  { title: 'Candidate', align: 'right', text: ({ candidate }) => candidate }
]

/** Up to this many verdicts are all told in words; of more, only those that stand open in the other reports. */
const SENTENCES_MAX = 15
const PICTURES_MAX = 5

/** The same report as plain text for a terminal: no colour, no control characters whatever the repository holds. */
export function renderTerminal(model: ReportModel): string {
  const sections = [
    [toPlainText(model.headline)],
    model.notes.map(toPlainText),
    titled('Answers', model.answers.flatMap(renderPoints)),
    titled('Budgets', renderTable(BUDGET_COLUMNS, [...model.budgetRows, ...model.keptBudgetRows])),
    renderTable(ROW_COLUMNS, [...model.rows, ...model.foldedRows, ...model.slowShareRows]),
    titled(
      'Where it sits',
      bullets(model.locations.map(({ caseId, text }) => `${cleanLine(caseId)}: ${toPlainText(text)}`))
    ),
    titled('In words', bullets(selectSentences(model).map(toPlainText))),
    titled('Where the intervals lie', renderPictures(model.pictures)),
    renderScenarios(model.scenarios),
    titled('Cost, memory and CPU time', renderTable(AMOUNT_COLUMNS, model.amounts)),
    model.failures.flatMap(renderFailure),
    bullets(model.problems.map((problem) => toPlainText(describeProblem(problem)))),
    titled('The machine', bullets(model.machine.map(toPlainText))),
    titled('Why inconclusive', bullets(model.reasons.map(toPlainText))),
    titled('What next', bullets(model.nextSteps.map(toPlainText))),
    model.starterConfig === null ? [] : [model.starterConfig],
    titled('Warnings', bullets(model.warnings.map(toPlainText))),
    titled('Skipped', bullets(model.skipped.map(toPlainText))),
    titled('What was compared', [
      ...bullets(model.facts.map(({ label, value }) => `${label}: ${toPlainText(value)}`)),
      ...renderTable(CASE_COLUMNS, model.cases)
    ]),
    titled(
      'Pooled latencies, with 95 % interval; it ignores that neighbouring requests resemble each other: for orientation',
      renderTable(POOLED_COLUMNS, model.pooledRows)
    )
  ]
  const printed = sections.filter((lines) => lines.length > 0).map((lines) => lines.join('\n'))
  return `${printed.join('\n\n')}\n`
}

function selectSentences({ sentences, foldedSentences }: ReportModel): ReportModel['sentences'] {
  const all = [...sentences, ...foldedSentences]
  return all.length <= SENTENCES_MAX ? all : sentences
}

function renderPictures(pictures: readonly ReportPicture[]): readonly string[] {
  if (pictures.length === 0) return []
  const drawn = pictures.slice(0, PICTURES_MAX).flatMap(({ caseId, lines }) => [cleanLine(caseId), ...lines, ''])
  return [...drawn, PICTURE_LEGEND]
}

function renderPoints({ lead, points }: ReportPoints): readonly string[] {
  return [`- ${toPlainText(lead)}`, ...points.map((point) => `  - ${toPlainText(point)}`)]
}

function renderScenarios(scenarios: readonly ReportScenario[]): readonly string[] {
  return scenarios.flatMap((scenario, index) => [...(index === 0 ? [] : ['']), ...renderScenario(scenario)])
}

/** The load in words, its table, and for a ramp the curve. */
export function renderScenario({ caseId, scenario, lines, table, plot }: ReportScenario): readonly string[] {
  const columns = table.head.map((title, index): Column<readonly string[]> => {
    const align = index === 0 || title === 'Remarks' ? 'left' : 'right'
    return { title, align, text: (cells) => cells[index] ?? '' }
  })
  return [
    `${cleanLine(caseId)}${scenario === null ? '' : `: ${scenario}`}`,
    ...lines,
    ...renderTable(columns, table.rows),
    ...(plot === null ? [] : ['', ...plot.drawing])
  ]
}

function titled(title: string, lines: readonly string[]): readonly string[] {
  return lines.length === 0 ? [] : [`${title}:`, ...lines]
}

function bullets(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `- ${line}`)
}

function renderFailure({ title, message, hint, detail }: ReportFailure): readonly string[] {
  const subject = title === null ? '' : `${toPlainText(title)} `
  const whole =
    detail === null
      ? []
      : cleanBlock(detail)
          .split('\n')
          .map((line) => `    ${line}`)
  return [`${subject}${toPlainText(message)} What to do: ${toPlainText(hint)}`, ...whole]
}

function renderTable<Item>(columns: readonly Column<Item>[], items: readonly Item[]): readonly string[] {
  if (items.length === 0) return []
  const cells = columns.map(({ title, align, text }) => padAll([title, ...items.map(text)], align))
  return [undefined, ...items].map((_, line) =>
    cells
      .map((column) => column[line] ?? '')
      .join('  ')
      .trimEnd()
  )
}

function padAll(texts: readonly string[], align: Align): readonly string[] {
  const width = Math.max(...texts.map((text) => [...text].length))
  return texts.map((text) => {
    const padding = ' '.repeat(width - [...text].length)
    return align === 'right' ? `${padding}${text}` : `${text}${padding}`
  })
}
