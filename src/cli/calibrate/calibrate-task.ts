import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { CaseSpec } from '#contracts/case.ts'
import { MEASUREMENTS_FORMAT, type MeasuredCase, type Measurements } from '#contracts/measurements.ts'
import { formatDuration, formatForecast, formatPlural } from '#src/report/format-quantity.ts'
import { formatJson } from '../format-json.ts'
import { makePrintable } from '../make-printable.ts'
import { createProgress, untilInterrupted } from '../measuring-progress.ts'
import { writeOutput } from '../output-file.ts'
import type { CalibrateOptions } from './calibration-options.ts'
import type { CalibrationSource } from './calibration-source.ts'
import { forecastMs, type IdentityMeasuring, type MeasuredIdentities, measureIdentity } from './measure-identity.ts'

/** The longest that the contract allows: a calibration ends by its rounds. */
export const LONGEST_JOB_MS = 86_400_000

export interface CalibrateTask {
  readonly source: CalibrationSource
  /** Those of the source that are wanted. */
  readonly cases: readonly CaseSpec[]
  readonly options: CalibrateOptions
  readonly output: { readonly json: string | null; readonly measurements: string | null }
}

/** Says on standard error what is about to happen, and how long it will take. */
export function announce({ source }: CalibrateTask, cases: readonly CaseSpec[], measuring: MeasuringPlan): void {
  const rounds = Math.max(...measuring.looks)
  const most = measuring.looks.length > 1 ? 'at most ' : ''
  const duration = formatForecast(forecastMs({ cases, measuring }))
  process.stderr.write(
    `Measuring ${makePrintable(source.title)} against itself: ${formatPlural(cases.length, 'case')}, ${most}${formatPlural(rounds, 'round')} of ${formatDuration(measuring.roundMs)}, about ${duration}. Ctrl-C stops.\n`
  )
}

/** Measures with a bar or lines on standard error; Ctrl-C stops it and leaves nothing behind. */
export async function measureWithProgress(
  measuring: Omit<IdentityMeasuring, 'signal' | 'reportProgress'>
): Promise<MeasuredIdentities> {
  const progress = createProgress()
  return untilInterrupted((signal) => measureIdentity({ ...measuring, signal, reportProgress: progress.show })).finally(
    progress.end
  )
}

export interface CalibrateResults {
  readonly report: string
  readonly json: object
  /** Of the raw measurements. */
  readonly description: string
  readonly cases: MeasuredCase[]
}

/** Prints the report and writes the files that were asked for. */
export async function writeResults({ output }: CalibrateTask, results: CalibrateResults): Promise<void> {
  const json = formatJson(results.json)
  process.stdout.write(output.json === '-' ? json : results.report)
  if (output.json !== null && output.json !== '-') await writeOutput('--json', output.json, json)
  if (output.measurements === null) return
  const { description, cases } = results
  const measurements: Measurements = { format: MEASUREMENTS_FORMAT, description, cases }
  await writeOutput('--measurements', output.measurements, `${JSON.stringify(measurements)}\n`)
}
