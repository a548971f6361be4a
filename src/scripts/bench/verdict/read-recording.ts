import { basename } from 'node:path'
import type { Measurements } from '#contracts/measurements.ts'
import { makePrintable } from '#src/cli/make-printable.ts'
import { readMeasurements } from '#src/cli/read-measurements.ts'
import { EFFECT_NAMES, parseEffect } from './injected-effect.ts'
import { prepareCase, type RecordedCase, type Recording, UnusableLaunchError } from './recorded-launch.ts'

export type RecordingOutcome =
  | { readonly kind: 'read'; readonly recording: Recording }
  /** One line: which file, what is wrong with it, what to do. */
  | { readonly kind: 'bad_file'; readonly message: string }

/** A run starts at six launches; with fewer than twelve the rules that compare other launches would see the same ones. */
const MIN_LAUNCHES = 12

/** Reads recorded launches in format `tailgate.measurements/1`, one case per injected effect. */
export async function readRecording(path: string): Promise<RecordingOutcome> {
  const read = await readMeasurements(path)
  if (read.kind === 'bad_file') return read
  const problem = findProblem(read.measurements)
  if (problem !== null) return { kind: 'bad_file', message: `${makePrintable(path)}: ${problem}` }
  try {
    return { kind: 'read', recording: prepareRecording(path, read.measurements) }
  } catch (error) {
    if (!(error instanceof UnusableLaunchError)) throw error
    return { kind: 'bad_file', message: `${makePrintable(path)}: ${error.message}. Record the launch again.` }
  }
}

/** @returns what makes the measurements no recording to draw from, or null */
export function findProblem({ cases }: Measurements): string | null {
  const unnamed = cases.find(({ id }) => parseEffect(id) === null)
  if (unnamed !== undefined) {
    const name = makePrintable(JSON.stringify(unnamed.id))
    return `case ${name} does not say what was done to the candidate. Name it ${EFFECT_NAMES}.`
  }
  const identical = cases.filter(({ id }) => parseEffect(id)?.kind === 'identical')
  if (identical.length !== 1) {
    const found = identical.length === 0 ? 'no case' : `${identical.length} cases`
    return `has ${found} of identical code. False alarms cannot be counted without: record one as slower-0pct.`
  }
  for (const { id, blocks } of cases) {
    const launches = new Set(blocks.map((block) => block.launch)).size
    if (launches < MIN_LAUNCHES) {
      return `case ${makePrintable(JSON.stringify(id))} has ${launches} launches. Record at least ${MIN_LAUNCHES}.`
    }
  }
  return null
}

function prepareRecording(path: string, { cases, description }: Measurements): Recording {
  return {
    name: makePrintable(basename(path).replace(/(?:\.json)?(?:\.gz)?$/, '')),
    description: makePrintable(description ?? ''),
    cases: cases.map(prepareCase).filter((item): item is RecordedCase => item !== null)
  }
}
