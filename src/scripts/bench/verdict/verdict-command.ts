import { type Command, InvalidArgumentError } from 'commander'
import type { VerdictOptions } from './print-verdict.ts'

const DEFAULT_DRAWS = 1_000
const MAX_DRAWS = 1_000_000
const DEFAULT_SEED = 1

const EXIT_USAGE = 2

const HELP = `
Draws launches from recordings and lets every rule judge the same draws: ours, and the rules that people use today. The
recordings have one case for each thing that was done to the candidate: slower-0pct (identical code, needed),
slower-2pct, slower-5pct, tail-…. Without FILES the three recordings that come with the repository are used.

Examples:
  $ npm run --silent bench -- verdict > verdicts.md
  $ npm run bench -- verdict --draws 500
  $ npm run bench -- verdict my-launches.json.gz --json figures.json --plot rules.svg

Exit codes: 0 printed, 2 wrong usage, or a file that cannot be read, drawn from or written.
`

export const DEFAULT_VERDICT_OPTIONS: VerdictOptions = { draws: DEFAULT_DRAWS, seed: DEFAULT_SEED }

/** Adds the part `verdict` to the bench. */
export function registerVerdict(program: Command): void {
  program
    .command('verdict')
    .description('Compare our verdict with the rules used today, on recorded launches.')
    .argument('[files...]', 'recordings in format tailgate.measurements/1, plain or gzip')
    .option('--draws <n>', 'draws of every case', parseDraws, DEFAULT_DRAWS)
    .option('--seed <n>', 'seed of the draws; the same seed prints the same figures', parseSeed, DEFAULT_SEED)
    .option('--json <file>', 'also write every count as JSON')
    .option('--plot <file>', 'also draw the rules as they are used, as SVG')
    .addHelpText('after', HELP)
    .action(async (files: readonly string[], options: VerdictOptions) => {
      // Loaded only when it runs: `--help` must not need the development dependencies.
      const { printVerdict } = await import('./print-verdict.ts')
      const problem = await printVerdict(files, options)
      if (problem === null) return
      process.stderr.write(`error: ${problem}\n`)
      process.exitCode = EXIT_USAGE
    })
}

function parseDraws(text: string): number {
  const draws = Number(text)
  if (Number.isInteger(draws) && draws >= 1 && draws <= MAX_DRAWS) return draws
  throw new InvalidArgumentError(`It must be a whole number from 1 to ${MAX_DRAWS}.`)
}

function parseSeed(text: string): number {
  const seed = Number(text)
  if (Number.isSafeInteger(seed) && seed >= 0) return seed
  throw new InvalidArgumentError('It must be a whole number from 0 on.')
}
