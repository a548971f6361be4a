import type { Command } from 'commander'
import type { BenchmarkResult } from '#contracts/benchmark-result.ts'
import { MEASUREMENTS_FORMAT, type Measurements } from '#contracts/measurements.ts'
import { closesGate, concludeOutcome } from '#src/report/conclusion.ts'
import type { Outcome, RunIdentity } from '#src/report/outcome.ts'
import { renderTerminal } from '#src/report/render-terminal.ts'
import { buildReport } from '#src/report/report-model.ts'
import { toRoundTerms } from '#stats/round-terms.ts'
import { type ComparedCommits, compareCommits } from './compare/compare-commits.ts'
import { openLocalRepository } from './compare/local-repository.ts'
import { EXIT } from './exit-codes.ts'
import { formatJson } from './format-json.ts'
import { createProgress, untilInterrupted } from './measuring-progress.ts'
import { requireWritable, writeOutput } from './output-file.ts'
import { summariseChecks, summariseComparison } from './summarise-comparison.ts'

const HELP = `
Measures two commits of a local repository side by side on this machine and gives the verdict that a pull request
would get. What to measure comes from .github/tailgate.yml at each commit; how to judge comes from the base.

Examples:
  $ tailgate compare --repo . --base main --head my-branch
  $ tailgate compare --repo ../detector --base v1.2.0 --head HEAD --json verdict.json
  $ tailgate compare --base main --head HEAD --all --measurements raw.json   (judge it again later: tailgate judge raw.json)

Exit codes: 0 pass (improvement, unchanged or nothing to measure), 1 gate failed (regression, mixed, other
answers, less accurate, over budget, or requests that fail more often), 2 wrong usage or configuration, 3 no verdict
(inconclusive, or measuring failed).
`

interface CompareFlags {
  readonly repo: string
  readonly base: string
  readonly head: string
  readonly all: boolean
  readonly json?: string
  readonly measurements?: string
}

/** Adds `compare` to the program. */
export function registerCompare(program: Command): void {
  program
    .command('compare')
    .summary('measure two commits of a local repository and judge them')
    .description('Measure two commits of a local repository side by side and print the verdict.')
    .option('--repo <dir>', 'the git repository', '.')
    .requiredOption('--base <ref>', 'branch, tag or commit to compare with; its merge base is what is measured')
    .requiredOption('--head <ref>', 'branch, tag or commit to judge')
    .option('--all', 'measure every case, also those that the change does not touch', false)
    .option('--json <file>', 'also write the verdict as JSON; - writes only JSON, to standard output')
    .option('--measurements <file>', 'also write the raw measurements, for "tailgate judge"')
    .addHelpText('after', HELP)
    .action(async (flags: CompareFlags) => {
      process.exitCode = await runCompare(flags)
    })
}

async function runCompare(flags: CompareFlags): Promise<number> {
  const repository = await openLocalRepository(flags.repo)
  if (flags.json !== undefined && flags.json !== '-') await requireWritable('--json', flags.json)
  if (flags.measurements !== undefined) await requireWritable('--measurements', flags.measurements)
  const progress = createProgress()
  const compared = await untilInterrupted((signal) =>
    compareCommits({
      repository,
      baseRef: flags.base,
      headRef: flags.head,
      measureEverything: flags.all,
      signal,
      reportProgress: progress.show
    })
  ).finally(progress.end)
  await printOutcome(flags, repository.directory, compared)
  return exitCodeOf(compared.outcome)
}

async function printOutcome(flags: CompareFlags, directory: string, compared: ComparedCommits): Promise<void> {
  const { outcome, result } = compared
  const json = formatJson(summarise(compared))
  if (flags.json === '-') process.stdout.write(json)
  else process.stdout.write(renderTerminal(buildReport(identify(flags, directory, compared), outcome)))
  if (flags.json !== undefined && flags.json !== '-') await writeOutput('--json', flags.json, json)
  if (flags.measurements !== undefined && result !== null) {
    await writeOutput('--measurements', flags.measurements, `${JSON.stringify(toMeasurements(outcome, result))}\n`)
  }
}

function identify(flags: CompareFlags, directory: string, compared: ComparedCommits): RunIdentity {
  const { baselineSha, baseTipSha, headSha } = compared
  return {
    runId: 'local',
    attempt: 1,
    repository: directory,
    pullRequest: null,
    baseRef: flags.base,
    baselineSha,
    baseTipSha,
    headSha,
    measuredEverything: flags.all,
    repositoryUrl: null
  }
}

function summarise({ outcome, baselineSha, headSha }: ComparedCommits): object {
  const commits = { baselineSha, candidateSha: headSha }
  if (outcome.kind !== 'judged') return { verdict: outcome.kind, ...commits, cases: [], detail: outcome }
  const { notMeasured, skipped } = outcome
  const checks = summariseChecks(outcome.checks)
  return { ...summariseComparison(outcome.comparison), ...commits, checks, notMeasured, skipped }
}

function toMeasurements(outcome: Outcome, result: BenchmarkResult): Measurements {
  const specs = new Map(outcome.kind === 'judged' ? outcome.cases.map((spec) => [spec.id, spec]) : [])
  const measured = result.cases.flatMap((item) => {
    if (item.status !== 'measured') return []
    const spec = specs.get(item.caseId)
    const terms = spec === undefined ? {} : { thresholds: spec.thresholds, ...toRoundTerms(spec.scenario) }
    return [{ id: item.caseId, ...terms, blocks: item.blocks }]
  })
  return { format: MEASUREMENTS_FORMAT, cases: measured }
}

function exitCodeOf(outcome: Outcome): number {
  switch (outcome.kind) {
    case 'judged':
      return exitCodeOfJudged(outcome)
    case 'nothing_relevant':
      return EXIT.pass
    case 'nothing_comparable':
      return outcome.gate === 'advisory' ? EXIT.pass : EXIT.gateFailed
    case 'no_config':
    case 'config_invalid':
      return EXIT.usage
    case 'failed':
    case 'cancelled':
    case 'awaiting_approval':
      return EXIT.noVerdict
    default:
      return outcome satisfies never
  }
}

function exitCodeOfJudged(outcome: Extract<Outcome, { kind: 'judged' }>): number {
  const failed = closesGate(outcome)
  if (failed && outcome.gate === 'required') return EXIT.gateFailed
  if (failed) return concludeOutcome(outcome) === 'neutral' ? EXIT.pass : EXIT.noVerdict
  // What the check may call neutral is no verdict to a script.
  return concludeOutcome({ ...outcome, onInconclusive: 'failure' }) === 'success' ? EXIT.pass : EXIT.noVerdict
}
