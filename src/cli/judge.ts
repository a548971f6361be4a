import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { addRecordingWarnings } from '#stats/inspect-blocks.ts'
import { judgeRun } from '#stats/judge-run.ts'
import type { RunComparison } from '#stats/verdict.ts'
import { EXIT } from './exit-codes.ts'
import { formatJson } from './format-json.ts'
import { makePrintable } from './make-printable.ts'
import { readMeasurements } from './read-measurements.ts'
import { renderComparison } from './render-comparison.ts'
import { type ComparisonSummary, summariseComparison } from './summarise-comparison.ts'

export type JudgeOutcome =
  | { readonly kind: 'judged'; readonly comparison: RunComparison; readonly report: ComparisonSummary }
  | { readonly kind: 'bad_file'; readonly message: string }

const HELP = `
Judges measurements that were recorded elsewhere, without measuring anything. FILE is JSON in format
tailgate.measurements/1, plain or gzip:

  {"format": "tailgate.measurements/1",
   "cases": [{"id": "vad", "thresholds": {"p50": 0.02},
              "blocks": [{"side": "baseline", "launch": 0, "quad": 0, "wallNs": 6062255,
                          "latenciesNs": [2066392, 1931103], "errors": 0}]}]}

Blocks stand in time order; a quad is two blocks of each side, a launch one fresh start of both sides. Verdicts
begin with six launches. Every key is described in docs/measurements.md.

Examples:
  $ tailgate judge measurements.json
  $ tailgate judge measurements.json.gz --json verdict.json
  $ zcat measurements.json.gz | tailgate judge -
  $ tailgate judge measurements.json --json - | jq .verdict

Exit codes: 0 pass (improvement or unchanged), 1 gate failed (regression or mixed), 2 wrong usage or bad file,
3 no verdict (inconclusive).
`

/** Adds `judge` to the program. The action prints through the program's own output and sets `process.exitCode`. */
export function registerJudge(program: Command): void {
  program
    .command('judge')
    .summary('judge measurements recorded elsewhere')
    .description('Judge measurements recorded elsewhere and print the verdict.')
    .argument('<file>', 'measurements in format tailgate.measurements/1, plain or gzip; - reads standard input')
    .option('--json <file>', 'also write the verdict as JSON; - writes only JSON, to standard output')
    .addHelpText('after', HELP)
    .action(async (file: string, options: { readonly json?: string }, command: Command) => {
      const { writeOut, writeErr } = command.configureOutput()
      process.exitCode = await runJudge(file, options.json ?? null, {
        writeOut: writeOut ?? ((text) => process.stdout.write(text)),
        writeErr: writeErr ?? ((text) => process.stderr.write(text))
      })
    })
}

/** Reads and judges one file; `-` reads `input`. What is wrong with the file is returned, not thrown. */
export async function judgeFile(path: string, input: AsyncIterable<Buffer> | null = null): Promise<JudgeOutcome> {
  const read = await readMeasurements(path, input)
  if (read.kind === 'bad_file') return read
  const comparison = addRecordingWarnings(judgeRun(read.measurements), read.measurements.cases)
  return { kind: 'judged', comparison, report: summariseComparison(comparison) }
}

/** The exit code of a verdict. */
export function exitCodeOf(verdict: RunComparison['verdict']): number {
  switch (verdict) {
    case 'improvement':
    case 'unchanged':
      return EXIT.pass
    case 'regression':
    case 'mixed':
      return EXIT.gateFailed
    case 'inconclusive':
      return EXIT.noVerdict
    default:
      return verdict satisfies never
  }
}

interface Terminal {
  readonly writeOut: (text: string) => void
  readonly writeErr: (text: string) => void
}

async function runJudge(path: string, jsonPath: string | null, terminal: Terminal): Promise<number> {
  if (jsonPath !== null && jsonPath !== '-' && resolve(jsonPath) === resolve(path)) {
    terminal.writeErr(
      'error: --json names the file of measurements itself. Give another file, or - for standard output.\n'
    )
    return EXIT.usage
  }
  const outcome = await judgeFile(path, process.stdin)
  if (outcome.kind === 'bad_file') {
    terminal.writeErr(`error: ${outcome.message}\n`)
    return EXIT.usage
  }
  const json = formatJson(outcome.report)
  if (jsonPath === '-') {
    terminal.writeOut(json)
    return exitCodeOf(outcome.comparison.verdict)
  }
  terminal.writeOut(renderComparison(outcome.comparison))
  if (jsonPath !== null) {
    const problem = await writeJson(jsonPath, json)
    if (problem !== null) {
      terminal.writeErr(`error: ${problem}\n`)
      return EXIT.usage
    }
  }
  return exitCodeOf(outcome.comparison.verdict)
}

/** @returns what went wrong, or null */
async function writeJson(path: string, json: string): Promise<string | null> {
  try {
    await writeFile(path, json)
    return null
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    return `${makePrintable(path)}: the verdict cannot be written: ${makePrintable(cause)}. Give a file that may be written.`
  }
}
