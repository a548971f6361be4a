import type { Command } from 'commander'
import { UsageError } from './exit-codes.ts'

const HELP = `
Runs the whole main job on this machine with nothing installed: the real bot with its embedded database, a stateful
stand-in for GitHub's API on loopback, a real git repository with real models, and four pull requests that arrive as
signed webhooks. Takes about two minutes. Exit code 1 when a pull request does not get the outcome that it should.

Examples:
  $ npm run demo
  $ npm run demo -- --keep              (leave everything running to look around)
  $ npm run demo -- --output /tmp/demo
`

/** Adds `demo` to the program. Its parts are loaded only when it runs: they need the development dependencies. */
export function registerDemo(program: Command): void {
  program
    .command('demo')
    .summary('show the whole path on this machine, from webhook to verdict')
    .description('Show the whole path on this machine, from webhook to verdict.')
    .option('--output <dir>', 'folder for the check runs and comments as GitHub would store them', 'demo-output')
    .option('--keep', 'leave the bot and the GitHub stand-in running until Ctrl-C', false)
    .addHelpText('after', HELP)
    .action(async (flags: { readonly output: string; readonly keep: boolean }) => {
      const { runDemo } = await import('./demo/run-demo.ts').catch((error: unknown) => {
        throw new UsageError(`The demo needs the development dependencies; run "npm ci" first. (${String(error)})`)
      })
      process.exitCode = await runDemo(flags)
    })
}
