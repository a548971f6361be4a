import { readFileSync, statSync } from 'node:fs'
import type { Command } from 'commander'
import { MS_PER_S } from '#contracts/units.ts'
import type { TailgateConfig } from '#src/config/config.schema.ts'
import { CONFIG_PATH } from '#src/config/config-path.ts'
import { parseConfig } from '#src/config/parse-config.ts'
import { planRun } from '#src/plan/plan-run.ts'
import type { ConfigProblem } from '#src/report/outcome.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { makePrintable } from './make-printable.ts'

const HELP = `
Checks a configuration file without a repository or GitHub, and lists the cases it makes.

Examples:
  $ tailgate check-config
  $ tailgate check-config ../detector/.github/tailgate.yml

Exit codes: 0 valid, 2 not valid or not readable. Every problem is one line: file:line: key: message.
`

/** Adds `check-config` to the program. */
export function registerCheckConfig(program: Command): void {
  program
    .command('check-config')
    .summary('check a configuration file')
    .description('Check a configuration file and list the cases that it makes.')
    .argument('[file]', 'the file to check', CONFIG_PATH)
    .addHelpText('after', HELP)
    .action((file: string, _options: unknown, command: Command) => {
      const checked = checkConfigText(readConfigFile(file), makePrintable(file))
      command.configureOutput().writeOut?.(checked.output)
      process.exitCode = checked.ok ? EXIT.pass : EXIT.usage
    })
}

/** Much more than is ever valid, so that a somewhat too long file is told its limit by the parser. */
const READ_MAX_BYTES = 16 * 1024 * 1024

/** What the command prints about a configuration, and whether it is valid. */
export function checkConfigText(text: string, file: string): { readonly ok: boolean; readonly output: string } {
  const parsed = parseConfig(text, { file })
  if (parsed.ok) return { ok: true, output: describeCases(parsed.config, file) }
  return { ok: false, output: parsed.problems.map((problem) => `${formatProblem(problem)}\n`).join('') }
}

function readConfigFile(file: string): string {
  try {
    const stats = statSync(file)
    if (stats.isCharacterDevice() || stats.isBlockDevice()) throw new Error('it is a device, which may have no end')
    if (stats.size > READ_MAX_BYTES) throw new Error(`it has ${stats.size} bytes, far more than any configuration`)
    return readFileSync(file, 'utf8')
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new UsageError(`cannot read ${file}: ${reason}. Give the path of a configuration file.`, { cause: error })
  }
}

function formatProblem({ file, line, key, message }: ConfigProblem): string {
  return key === '' ? `${file}:${line}: ${message}` : `${file}:${line}: ${key}: ${message}`
}

function describeCases(config: TailgateConfig, file: string): string {
  const configs = { policy: config, baseline: config, candidate: config }
  const { cases, measuring } = planRun({ ...configs, changedFiles: 'unknown', measureEverything: true })
  const width = Math.max(...cases.map(({ id }) => id.length))
  const lines = cases.map(({ id, candidate }) => `  ${id.padEnd(width)}  ${candidate.modelPath}`)
  const rounds = `at most ${measuring.looks.at(-1)} rounds of ${measuring.roundMs / MS_PER_S} s`
  const count = cases.length === 1 ? '1 case, measured' : `${cases.length} cases, each measured`
  return [`${file} is valid. It makes ${count} in ${rounds}:`, ...lines, ''].join('\n')
}
