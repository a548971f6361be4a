import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CaseSpec } from '#contracts/case.ts'
import { closestWord } from '#src/config/closest-word.ts'
import { CONFIG_PATH } from '#src/config/config-path.ts'
import type { RunPlan } from '#src/plan/plan-run.ts'
import type { Outcome } from '#src/report/outcome.ts'
import { decidePlan } from '#src/run/start-run.ts'
import { BUILT_IN_MODEL } from '#workers/calibration/built-in-case.ts'
import { builtInModel } from '#workers/calibration/built-in-model.ts'
import { openLocalRepository } from '../compare/local-repository.ts'
import { UsageError } from '../exit-codes.ts'
import { describeRepository, type LocalJob, type LocalMeasuring } from '../measure-locally.ts'

/** What is measured against itself. */
export interface CalibrationSource {
  readonly title: string
  readonly isBuiltIn: boolean
  readonly repository: LocalJob['repository']
  readonly sha: string
  readonly plan: RunPlan
  readonly fetchCommit?: NonNullable<LocalMeasuring['fetchCommit']>
}

const BUILT_IN_PATH = `${BUILT_IN_MODEL}.onnx`
const BUILT_IN_CONFIG = `version: 1
models: { ${BUILT_IN_MODEL}: { path: ${BUILT_IN_PATH} } }
scenarios: { single_stream: {} }
`
/** There is no commit; a job names one all the same. */
const NO_SHA = '0'.repeat(40)
const MAX_NAMED_CASES = 20

/** The small model that Tailgate makes itself, with the default settings. */
export function openBuiltIn(): CalibrationSource {
  return {
    title: 'the built-in model',
    isBuiltIn: true,
    repository: { fullName: BUILT_IN_MODEL, cloneUrl: BUILT_IN_MODEL },
    sha: NO_SHA,
    plan: planIdentity(BUILT_IN_CONFIG, NO_SHA, 'the built-in model'),
    fetchCommit: async (_job, _sha, directory) => writeFile(join(directory, BUILT_IN_PATH), builtInModel())
  }
}

/**
 * All cases that a repository configures at one commit.
 *
 * @throws {UsageError} when there is no such repository, commit or configuration
 */
export async function openRepository(folder: string, ref: string): Promise<CalibrationSource> {
  const { directory, url, resolveRef, readTextFile } = await openLocalRepository(folder)
  const sha = await resolveRef(ref)
  const place = `${folder} at ${ref} (${sha.slice(0, 8)})`
  return {
    title: place,
    isBuiltIn: false,
    repository: describeRepository(directory, url),
    sha,
    plan: planIdentity(await readTextFile(CONFIG_PATH, sha), sha, place)
  }
}

/** The plan of a pull request that changes nothing, with everything measured. */
function planIdentity(text: string | null, sha: string, place: string): RunPlan {
  const comparison = { baseTipSha: sha, mergeBaseSha: sha, changedFiles: [] }
  const texts = { policy: text, baseline: text, candidate: text }
  const state = decidePlan({ comparison, texts, measureEverything: true, now: new Date() })
  if (state.kind === 'queued') return state.planned.plan
  throw new UsageError(explainNoPlan(state.outcome, place))
}

function explainNoPlan(outcome: Outcome, place: string): string {
  if (outcome.kind === 'config_invalid') {
    const problems = outcome.problems.map(
      ({ file, line, key, message }) => `  ${file}:${line}: ${key === '' ? '' : `${key}: `}${message}`
    )
    return [`The configuration of ${place} is not valid:`, ...problems].join('\n')
  }
  if (outcome.kind === 'no_config') {
    return `${place} has no ${CONFIG_PATH}. Commit one, or leave --repo out to calibrate with the built-in model.`
  }
  return `The configuration of ${place} has no case to measure. Add a model and a scenario to ${CONFIG_PATH}.`
}

/**
 * The cases asked for; all of them when none are named.
 *
 * @throws {UsageError} naming what there is
 */
export function selectCases(cases: readonly CaseSpec[], wanted: readonly string[]): CaseSpec[] {
  const ids = cases.map(({ id }) => id)
  const unknown = wanted.find((id) => !ids.includes(id))
  if (unknown !== undefined) {
    const closest = closestWord(unknown, ids)
    const question = closest === null ? '' : ` Did you mean ${closest}?`
    const more = ids.length > MAX_NAMED_CASES ? `\n  … and ${ids.length - MAX_NAMED_CASES} more` : ''
    const known = ids.slice(0, MAX_NAMED_CASES).map((id) => `\n  ${id}`)
    throw new UsageError(`--cases: there is no case ${unknown}.${question} There are:${known.join('')}${more}`)
  }
  return wanted.length === 0 ? [...cases] : cases.filter(({ id }) => wanted.includes(id))
}
