import { access, constants } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { Calibration } from '#contracts/calibration.ts'
import { MS_PER_S } from '#contracts/units.ts'
import { COMPARISON_ROUNDS } from '#stats/calibrate-false-alarms.ts'
import { MIN_COMPARISONS } from '#stats/calibrate-trust.ts'
import { calibrationsFolder, storeCalibration } from '#workers/calibration/store-calibration.ts'
import { readDataDir } from '#workers/env.ts'
import { EXIT, UsageError } from '../exit-codes.ts'
import { makePrintable } from '../make-printable.ts'
import { buildCalibration } from './build-calibration.ts'
import { announce, type CalibrateTask, LONGEST_JOB_MS, measureWithProgress, writeResults } from './calibrate-task.ts'
import { describeFailure, type MeasuredIdentities } from './measure-identity.ts'
import { renderCalibration } from './render-calibration.ts'

/** Short rounds and many of them: the launch is the statistical unit. docs/statistics.md "Calibration". */
const DEFAULT_ROUND_MS = MS_PER_S

/**
 * Measures identical code, prints and stores what that says about this machine.
 *
 * @returns the exit code
 */
export async function runCalibration(task: CalibrateTask): Promise<number> {
  const { source, options } = task
  const dataDirectory = resolve(readDataDir())
  await requireStorable(dataDirectory)
  const rounds = COMPARISON_ROUNDS * (options.comparisons ?? MIN_COMPARISONS)
  const measuring = {
    ...source.plan.measuring,
    roundMs: options.roundMs ?? DEFAULT_ROUND_MS,
    looks: [rounds],
    jobTimeoutMs: LONGEST_JOB_MS
  }
  announce(task, task.cases, measuring)
  const measured = await measureWithProgress({ source, cases: task.cases, measuring })
  if (measured.result.failure !== null) {
    process.stderr.write(`${makePrintable(describeFailure(measured.result.failure))}\n`)
    return EXIT.noVerdict
  }
  const calibration = buildCalibration(measured)
  const stored = await store(dataDirectory, calibration)
  const report = renderCalibration({
    calibration,
    title: source.title,
    rounds,
    elapsedMs: Date.parse(measured.result.finishedAt) - Date.parse(measured.result.startedAt),
    configuredRoundMs: source.isBuiltIn ? null : source.plan.measuring.roundMs,
    failures: measured.notMeasured.map(({ caseId, failure }) => `${caseId}: ${describeFailure(failure)}`)
  })
  await writeResults(task, {
    report: stored.kind === 'stored' ? `${report}\nStored as ${stored.path}\n` : report,
    json: calibration,
    description: `calibration: ${source.title}, the same commit on both sides`,
    cases: measured.cases.map(({ spec, result }) => ({ id: spec.id, blocks: result.blocks }))
  })
  if (stored.kind === 'failed') {
    process.stderr.write(`error: ${makePrintable(stored.problem)}\n`)
    return EXIT.noVerdict
  }
  return exitCodeOf(calibration, measured)
}

type Stored =
  | { readonly kind: 'stored'; readonly path: string }
  | { readonly kind: 'nothing_measured' }
  | { readonly kind: 'failed'; readonly problem: string }

/** After minutes of measuring a full disk must not take the report with it, so that is no exception. */
async function store(dataDirectory: string, calibration: Calibration): Promise<Stored> {
  if (calibration.cases.length === 0) return { kind: 'nothing_measured' }
  try {
    return { kind: 'stored', path: await storeCalibration(dataDirectory, calibration) }
  } catch (error) {
    const cause = error instanceof Error ? error.message : String(error)
    const problem = `the calibration could not be stored below ${dataDirectory} (${cause}), so no worker knows of it. Make room there or set DATA_DIR to another folder, then calibrate again.`
    return { kind: 'failed', problem }
  }
}

function exitCodeOf({ trust }: Calibration, { notMeasured }: MeasuredIdentities): number {
  if (trust === 'untrusted') return EXIT.gateFailed
  return trust === 'trusted' && notMeasured.length === 0 ? EXIT.pass : EXIT.noVerdict
}

/** Before minutes of measuring, and without making the folder: an interrupted calibration leaves nothing behind. */
async function requireStorable(dataDirectory: string): Promise<void> {
  let folder = calibrationsFolder(dataDirectory)
  for (;;) {
    const problem = await access(folder, constants.W_OK).then(
      () => null,
      (error: unknown) => error
    )
    if (problem === null) return
    const isMissing = problem instanceof Error && 'code' in problem && problem.code === 'ENOENT'
    if (!isMissing || folder === dirname(folder)) {
      throw new UsageError(
        `The calibration could not be kept: ${folder} may not be written. Set DATA_DIR to another folder.`,
        { cause: problem }
      )
    }
    folder = dirname(folder)
  }
}
