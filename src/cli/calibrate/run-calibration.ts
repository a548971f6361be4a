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
  const path = calibration.cases.length === 0 ? null : await storeCalibration(dataDirectory, calibration)
  const report = renderCalibration({
    calibration,
    title: source.title,
    rounds,
    elapsedMs: Date.parse(measured.result.finishedAt) - Date.parse(measured.result.startedAt),
    configuredRoundMs: source.isBuiltIn ? null : source.plan.measuring.roundMs,
    failures: measured.notMeasured.map(({ caseId, failure }) => `${caseId}: ${describeFailure(failure)}`)
  })
  await writeResults(task, {
    report: path === null ? report : `${report}\nStored as ${path}\n`,
    json: calibration,
    description: `calibration: ${source.title}, the same commit on both sides`,
    cases: measured.cases.map(({ spec, result }) => ({ id: spec.id, blocks: result.blocks }))
  })
  return exitCodeOf(calibration, measured)
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
