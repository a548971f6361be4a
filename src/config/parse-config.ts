import type { ConfigProblem } from '#src/report/outcome.ts'
import { checkConfig } from './check-config.ts'
import { TailgateConfig } from './config.schema.ts'
import { describeIssue, type Finding } from './describe-issue.ts'
import { parseSoundPart, withDefaultSession } from './parse-sound-part.ts'
import { readYaml, type YamlFile } from './read-yaml.ts'

/** More are of no use to a person, and a check run takes 50 annotations a request. */
const MAX_PROBLEMS = 100

export type ParsedConfig =
  | { readonly ok: true; readonly config: TailgateConfig }
  | { readonly ok: false; readonly problems: readonly ConfigProblem[] }

/**
 * Reads a configuration file. All problems are reported at once, in the order of their lines, at most 100; `file` is only
 * shown in them. Never throws, whatever the text is.
 */
export function parseConfig(text: string, options: { readonly file: string }): ParsedConfig {
  const { file } = options
  const read = readYaml(text)
  if (!read.ok) return { ok: false, problems: orderProblems(read.problems.map((problem) => ({ file, ...problem }))) }
  const { yaml } = read
  if (yaml.value === null || yaml.value === undefined) return { ok: false, problems: [describeEmptyFile(file)] }
  const parsed = TailgateConfig.safeParse(yaml.value)
  const config = parsed.success ? withDefaultSession(parsed.data) : parseSoundPart(yaml.value, parsed.error.issues)
  // Describing an issue costs more than finding one; a hostile file can have thousands.
  const issues = parsed.success ? [] : parsed.error.issues.slice(0, MAX_PROBLEMS + 1)
  const findings = [
    ...issues.flatMap((issue) => describeIssue(TailgateConfig, yaml.value, issue)),
    ...(config === null ? [] : checkConfig(config))
  ]
  if (config !== null && findings.length === 0) return { ok: true, config }
  return { ok: false, problems: locateFindings(file, yaml, findings) }
}

function describeEmptyFile(file: string): ConfigProblem {
  const message =
    'the file is empty; the shortest configuration is "version: 1" and, on the lines below, "models:" with one "id: { path: model.onnx }"'
  return { file, line: 1, key: '', message }
}

function locateFindings(file: string, yaml: YamlFile, findings: readonly Finding[]): readonly ConfigProblem[] {
  const problems = findings.map(({ path, message }) => ({
    file,
    line: yaml.lineAt(path),
    key: path.map(String).join('.'),
    message
  }))
  return orderProblems(problems)
}

function orderProblems(problems: readonly ConfigProblem[]): readonly ConfigProblem[] {
  const shown = problems.map((problem) => {
    return { ...problem, key: showInvisible(problem.key), message: showInvisible(problem.message) }
  })
  // The YAML parser repeats itself, once for every bracket that is left open.
  const distinct = new Map(shown.map((problem) => [`${problem.line} ${problem.key} ${problem.message}`, problem]))
  const ordered = [...distinct.values()].toSorted((left, right) => left.line - right.line)
  if (ordered.length <= MAX_PROBLEMS) return ordered
  const last = ordered[MAX_PROBLEMS - 1]
  const first = ordered.slice(0, MAX_PROBLEMS - 1)
  if (last === undefined) return first
  return [...first, { ...last, key: '', message: 'there are more problems, which are not shown; fix these first' }]
}

const MAX_TEXT_LENGTH = 1000

/** Keys are a stranger's text: terminal escapes and characters that turn the writing direction must be seen, not obeyed. */
function showInvisible(text: string): string {
  const shown = text.length <= MAX_TEXT_LENGTH ? text : `${text.slice(0, MAX_TEXT_LENGTH)}…`
  return shown.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    return `\\u{${character.codePointAt(0)?.toString(16)}}`
  })
}
