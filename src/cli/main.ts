import { Command, CommanderError } from 'commander'
import { EXIT, UsageError } from './exit-codes.ts'
import { makePrintable } from './make-printable.ts'

/** Loaded when they are asked for: what all of them need together takes half a second to load. */
const COMMANDS: Readonly<Record<string, () => Promise<(program: Command) => void>>> = {
  compare: async () => (await import('./compare.ts')).registerCompare,
  calibrate: async () => (await import('./calibrate.ts')).registerCalibrate,
  judge: async () => (await import('./judge.ts')).registerJudge,
  'check-config': async () => (await import('./check-config.ts')).registerCheckConfig,
  doctor: async () => (await import('./doctor.ts')).registerDoctor,
  demo: async () => (await import('./demo.ts')).registerDemo
}

const program = new Command('tailgate')
  .description('Performance verdicts for inference repositories.')
  .showHelpAfterError('(run with --help for the options and examples)')
  .exitOverride()

try {
  const asked = Object.entries(COMMANDS).filter(([name]) => name === process.argv[2])
  // Help, and what to say about a word that is none of them, needs all.
  for (const [, load] of asked.length > 0 ? asked : Object.entries(COMMANDS)) {
    const register = await load()
    register(program)
  }
  await program.parseAsync()
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has printed its message already; its own exit code for a mistake is 1.
    process.exitCode = error.exitCode === 0 ? EXIT.pass : EXIT.usage
  } else if (error instanceof UsageError) {
    process.stderr.write(`error: ${printLines(error.message)}\n`)
    process.exitCode = EXIT.usage
  } else {
    process.stderr.write(`error: ${printLines(error instanceof Error ? error.message : String(error))}\n`)
    process.exitCode = EXIT.noVerdict
  }
}

/** Messages repeat what was typed and what git said; only their line breaks reach the terminal as they are. */
function printLines(message: string): string {
  return message.split('\n').map(makePrintable).join('\n')
}
