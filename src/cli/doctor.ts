import type { Command } from 'commander'
import { readInstallationSettings } from '#workers/env.ts'
import type { Finding } from './doctor/finding.ts'
import { renderFindings } from './doctor/render-findings.ts'
import { type CheckedInstallation, runChecks } from './doctor/run-checks.ts'
import { EXIT } from './exit-codes.ts'
import { formatJson } from './format-json.ts'

const HELP = `
Looks at this machine and this installation, and says what to do. It starts nothing, changes nothing and takes a few
seconds. Each line starts with
  ✓  fine
  ·  not there, and this machine can do without
  !  works, but less well than it could
  ✗  something that was set up cannot work

What is looked at: Node.js; ONNX Runtime, with a small model in a process of its own; git; the sandbox; the cores, their
clock and what else runs on them; memory; GPUs, who uses them, and what WebGPU needs; containers and their quotas; the data
folder (DATA_DIR); Redis (REDIS_URL), Postgres (DATABASE_URL) and the bot (BOT_URL, WORKER_TOKEN) where they are set; and
what "tailgate calibrate" found out about this machine's own error. Passwords and tokens are never printed.

Run it on each machine that measures, with the settings and as the user of its worker: after installing, after an update,
and when verdicts stay inconclusive.

Examples:
  $ tailgate doctor
  $ node --env-file=.env src/cli/main.ts doctor     (with the settings of a file)
  $ tailgate doctor --json | jq '.findings[] | select(.level != "ok")'

Exit codes: 0 fine (warnings included), 1 something is broken, 2 wrong usage.
`

/** Adds `doctor` to the program. */
export function registerDoctor(program: Command): void {
  program
    .command('doctor')
    .summary('check this machine and this installation')
    .description('Check this machine and this installation, and say what to do.')
    .option('--json', 'write what was found as JSON', false)
    .addHelpText('after', HELP)
    .action(async ({ json }: { readonly json: boolean }) => {
      const checked = await runChecks(readInstallationSettings())
      process.stdout.write(json ? formatJson(summarise(checked)) : renderFindings(checked.groups))
      process.exitCode = listFindings(checked).some(({ level }) => level === 'broken') ? EXIT.broken : EXIT.pass
    })
}

function summarise(checked: CheckedInstallation): object {
  const findings = listFindings(checked)
  const ok = findings.every(({ level }) => level !== 'broken')
  return { ok, findings, calibrations: checked.stored.calibrations }
}

function listFindings({ groups }: CheckedInstallation): readonly Finding[] {
  return groups.flatMap(({ findings }) => findings)
}
