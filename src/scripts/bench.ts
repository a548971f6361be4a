import { Argument, Command, CommanderError, InvalidArgumentError } from 'commander'
import type { BenchOptions } from './bench/bench-options.ts'
import { DEFAULT_VERDICT_OPTIONS, registerVerdict } from './bench/verdict/verdict-command.ts'

const DEFAULT_SECONDS = 15

const HELP = `
Parts:
  harness   How much our side process adds to the latency of a request, over a bare onnxruntime-node loop, for models of
            about 0.1 ms and 10 ms and for Silero VAD; and how long the hand-over between the two sides takes.
  intake    How many webhook deliveries of 20 kB the bot stores per second, over a bare Probot app that does nothing:
            on the embedded database, and with Redis and Postgres (skipped where there is no redis-server).
  judge     How long tailgate judge takes for a million latencies, over merely parsing the same file, and how much memory; and
            how long the bot's event loop stands still meanwhile.
  load      How late requests of an open loop are sent, over a dispatcher with timers; how close a queue of requests of a known
            length comes to theory (M/D/1); whether the knee of a ramp is found where it is known to be; and what each
            scenario adds to a bare loop. Takes nine times --seconds, more on a busy machine.
  verdict   How often our verdict and the rules used today raise false alarms and find slowdowns, on recorded launches
            (own options: verdict --help).
Without a part all run, in about six minutes.

Every figure of harness, intake, judge and load stands beside a reference that was measured or computed in the same run, and
beside its aim. The tables are Markdown on standard output; progress goes to standard error. Close other programs first:
the ratios stand some noise, their intervals get wider with it.

Examples:
  $ npm run --silent bench > figures.md
  $ npm run bench -- intake
  $ npm run bench -- harness --seconds 60   (longer: narrower intervals)

Exit codes: 0 measured (whether or not the aims were reached), 1 a delivery that was answered with success was not
stored, 2 wrong usage, 3 something could not be measured.
`

const EXIT_USAGE = 2
const EXIT_FAILED = 3

/** `verdict` has options of its own and is a command. */
type Part = 'harness' | 'intake' | 'judge' | 'load' | 'verdict'

/** Loaded only when they run: `--help` must not need the development dependencies. */
const PARTS: readonly { readonly name: Part; readonly print: (options: BenchOptions) => Promise<void> }[] = [
  {
    name: 'harness',
    print: async (options) => {
      const { runHarness } = await import('./bench/harness/run-harness.ts')
      console.log(`${await runHarness(options)}\n`)
    }
  },
  {
    name: 'intake',
    print: async (options) => {
      const { runIntake } = await import('./bench/intake/run-intake.ts')
      const { report, lost } = await runIntake(options)
      console.log(`${report}\n`)
      if (lost) process.exitCode = 1
    }
  },
  {
    name: 'judge',
    print: async (options) => {
      const { runJudge } = await import('./bench/judge/run-judge.ts')
      console.log(`${await runJudge(options)}\n`)
    }
  },
  {
    name: 'load',
    print: async (options) => {
      const { runLoad } = await import('./bench/load/run-load.ts')
      console.log(`${await runLoad(options)}\n`)
    }
  },
  {
    name: 'verdict',
    print: async () => {
      const { printVerdict } = await import('./bench/verdict/print-verdict.ts')
      const problem = await printVerdict([], DEFAULT_VERDICT_OPTIONS)
      if (problem !== null) throw new Error(problem)
    }
  }
]

const program = new Command('npm run bench --')
  .description('Print the figures that Tailgate is held to.')
  .addArgument(new Argument('[part]', 'what to measure; all when left out').choices(PARTS.map(({ name }) => name)))
  .option('--seconds <n>', 'measuring time of each part', parseSeconds, DEFAULT_SECONDS)
  .addHelpText('after', HELP)
  .showHelpAfterError('(run with --help for the options and examples)')
  .exitOverride()
  .action(runBench)

registerVerdict(program)

async function runBench(part: Part | undefined, { seconds }: { readonly seconds: number }): Promise<void> {
  const options: BenchOptions = { seconds, say: (message) => process.stderr.write(`${message}\n`) }
  for (const { name, print } of PARTS) if (part === undefined || part === name) await print(options)
}

function parseSeconds(text: string): number {
  const seconds = Number(text)
  if (Number.isFinite(seconds) && seconds >= 1 && seconds <= 3600) return seconds
  throw new InvalidArgumentError('It must be a number from 1 to 3600.')
}

try {
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : EXIT_USAGE
  } else {
    process.stderr.write(`error: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
    process.exitCode = EXIT_FAILED
  }
}
