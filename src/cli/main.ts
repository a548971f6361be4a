import { Command, CommanderError } from 'commander'
import { registerCheckConfig } from './check-config.ts'
import { registerCompare } from './compare.ts'
import { registerDemo } from './demo.ts'
import { registerDoctor } from './doctor.ts'
import { EXIT, UsageError } from './exit-codes.ts'
import { registerJudge } from './judge.ts'
import { makePrintable } from './make-printable.ts'

const program = new Command('tailgate')
  .description('Performance verdicts for inference repositories.')
  .showHelpAfterError('(run with --help for the options and examples)')
  .exitOverride()
registerCompare(program)
registerJudge(program)
registerCheckConfig(program)
registerDoctor(program)
registerDemo(program)

try {
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
