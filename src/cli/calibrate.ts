import type { Command } from 'commander'
import { readDataDir } from '#workers/env.ts'
import { type Holder, type ReleaseLock, tryLock, waitForLock } from '#workers/measuring-lock.ts'
import { type CalibrateFlags, readCalibrateOptions } from './calibrate/calibration-options.ts'
import { openBuiltIn, openRepository, selectCases } from './calibrate/calibration-source.ts'
import { requireWorkerTools } from './calibrate/measure-identity.ts'
import { runCalibration } from './calibrate/run-calibration.ts'
import { runInjection } from './calibrate/run-injection.ts'
import { untilInterrupted } from './measuring-progress.ts'
import { requireWritable } from './output-file.ts'

/** Something else measures; it is not ours to stop. */
class MachineBusyError extends Error {
  readonly code = 'MACHINE_BUSY'
}

const HELP = `
Measures the same commit on both sides, again and again, to learn how this machine errs: how often it sees a difference
where there is none, whether it favours a side, how much its rounds scatter, and how small a change it can see in how much
time. Run it on the machine that measures, as the user of its worker, and again after every change to it; nightly is fine.

Without --repo a small built-in model is measured. With --repo the repository's own cases are, as .github/tailgate.yml at
REF configures them; the smallest change depends on the model, so this tells more. Twenty comparisons of one case take
about four minutes. The result is kept in DATA_DIR/calibrations (DATA_DIR is .tailgate unless set, as for the worker);
"tailgate doctor" shows it, and the verdicts of a machine that is not trusted become inconclusive. A worker with the same
DATA_DIR takes no job up before the calibration has ended; while it measures one, only --wait lets a calibration begin.

--inject tests the whole path with a controlled failure: real work of a known length after the candidate's requests, which
must be found. 5% slows every request down by 5 % of the median latency, 50%@3% a random 3 % of them by half, 0% none.
Nothing is kept. Given more than once, the slowdowns are measured side by side, and every round is measured.

Examples:
  $ tailgate calibrate
  $ tailgate calibrate --repo ../detector --cases vad/default/single_stream --json calibration.json
  $ tailgate calibrate --comparisons 2                        (a quick look; too short to trust a machine by)
  $ tailgate calibrate --inject 5%                            (exit code 0: it was found)
  $ tailgate calibrate --inject 0% --inject 2% --inject 50%@3% --comparisons 10 --measurements raw.json

Exit codes: 0 trusted, or every injected slowdown was found; 1 not trusted, or one was missed (or 0% was called a
regression); 2 wrong usage or configuration; 3 no verdict: too short, stopped, measuring failed, or the machine is busy.
`

/** Adds `calibrate` to the program. */
export function registerCalibrate(program: Command): void {
  program
    .command('calibrate')
    .summary('learn how this machine errs, with the same commit on both sides')
    .description('Measure the same commit on both sides to learn how this machine errs.')
    .option('--repo <dir>', 'a git repository whose cases are measured; default: a small built-in model')
    .option('--ref <ref>', 'branch, tag or commit of the repository; default: HEAD')
    .option('--comparisons <n>', 'comparisons of 6 rounds each; default: 20')
    .option('--round-seconds <s>', 'measuring time of one case in one round; default: 1, with --inject as configured')
    .option('--cases <id...>', 'only these cases')
    .option('--inject <slowdown>', 'slow the candidate down and see whether it is found; may be repeated', collect)
    .option('--wait', 'wait until a worker of this machine has finished its job, instead of giving up', false)
    .option('--json <file>', 'also write the result as JSON; - writes only JSON, to standard output')
    .option('--measurements <file>', 'also write the raw measurements, for "tailgate judge"')
    .addHelpText('after', HELP)
    .action(async (flags: CalibrateFlags) => {
      process.exitCode = await calibrate(flags)
    })
}

function collect(value: string, collected: readonly string[] = []): readonly string[] {
  return [...collected, value]
}

/** @returns the exit code */
async function calibrate(flags: CalibrateFlags): Promise<number> {
  const options = readCalibrateOptions(flags)
  if (flags.json !== undefined && flags.json !== '-') await requireWritable('--json', flags.json)
  if (flags.measurements !== undefined) await requireWritable('--measurements', flags.measurements)
  requireWorkerTools()
  const source = flags.repo === undefined ? openBuiltIn() : await openRepository(flags.repo, flags.ref ?? 'HEAD')
  const cases = selectCases(source.plan.cases, flags.cases ?? [])
  const output = { json: flags.json ?? null, measurements: flags.measurements ?? null }
  const task = { source, cases, options, output }
  const release = await takeMachine(flags.wait === true)
  return (options.injections.length === 0 ? runCalibration(task) : runInjection(task)).finally(release)
}

/** Two that measure at the same time measure each other. */
async function takeMachine(waits: boolean): Promise<ReleaseLock> {
  const lock = { dataDirectory: readDataDir(), work: 'calibration' } as const
  if (waits) {
    const waiting = (holder: Holder | null) => {
      process.stderr.write(`Waiting: ${describeHolder(holder)} is measuring on this machine. Ctrl-C stops.\n`)
    }
    return untilInterrupted(async (signal) => {
      const release = await waitForLock({ ...lock, signal, waiting })
      signal.throwIfAborted()
      return release
    })
  }
  const tried = await tryLock(lock)
  if (tried.kind === 'taken') return tried.release
  throw new MachineBusyError(
    `${describeHolder(tried.holder)} is measuring on this machine, and both would measure each other. Stop it, or wait for it: --wait`
  )
}

function describeHolder(holder: Holder | null): string {
  if (holder === null) return 'another process'
  return `${holder.work === 'job' ? 'a worker' : 'another calibration'} (pid ${holder.pid})`
}
