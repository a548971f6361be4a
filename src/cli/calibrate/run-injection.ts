import { COMPARISON_ROUNDS } from '#stats/calibrate-false-alarms.ts'
import { EXIT } from '../exit-codes.ts'
import { makePrintable } from '../make-printable.ts'
import { announce, type CalibrateTask, LONGEST_JOB_MS, measureWithProgress, writeResults } from './calibrate-task.ts'
import { describeInjection } from './injection.ts'
import { createDelays, judgeArm, planArms } from './judge-injection.ts'
import { describeFailure } from './measure-identity.ts'
import { renderInjections, summariseInjections } from './render-injection.ts'

/** The length of the injected work is settled within these. */
const WARM_UP_REQUESTS = 200
const WARM_UP_MS = 1000

/**
 * Slows the candidate down by known amounts and says whether that was found. One slowdown is measured like a pull request,
 * which ends as soon as the verdict is clear; several share their launches, and all rounds are measured.
 *
 * @returns the exit code
 */
export async function runInjection(task: CalibrateTask): Promise<number> {
  const { source, options } = task
  const { plan } = source
  const arms = planArms(options.injections, task.cases)
  const cases = arms.flatMap((arm) => arm.cases.map(({ measured }) => measured))
  const stopsEarly = arms.length === 1 && options.comparisons === null
  const rounds = Math.max(...plan.measuring.looks, COMPARISON_ROUNDS * (options.comparisons ?? 0))
  const measuring = {
    ...plan.measuring,
    roundMs: options.roundMs ?? plan.measuring.roundMs,
    looks: stopsEarly ? plan.measuring.looks : [rounds],
    warmUpRequests: Math.max(WARM_UP_REQUESTS, plan.measuring.warmUpRequests),
    warmUpMs: Math.max(WARM_UP_MS, plan.measuring.warmUpMs),
    jobTimeoutMs: LONGEST_JOB_MS
  }
  announce(task, cases, measuring)
  const measured = await measureWithProgress({ source, cases, measuring, injectDelay: createDelays(arms) })
  const failures = [
    ...(measured.result.failure === null ? [] : [describeFailure(measured.result.failure)]),
    ...measured.notMeasured.map(({ caseId, failure }) => `${caseId}: ${describeFailure(failure)}`)
  ]
  for (const failure of failures) process.stderr.write(`${makePrintable(failure)}\n`)
  if (failures.length > 0) return EXIT.noVerdict
  const blocks = new Map(measured.cases.map(({ spec, result }) => [spec.id, result.blocks]))
  const judged = arms.map((arm) => judgeArm(arm, blocks, plan.measuring))
  const named = arms.flatMap((arm) =>
    arm.cases.map(({ original, measured: spec }) => ({
      // Alone in its file a case is named by what was injected, as in other recordings of known effects.
      id: task.cases.length === 1 ? arm.id : spec.id,
      thresholds: original.thresholds,
      blocks: blocks.get(spec.id) ?? []
    }))
  )
  await writeResults(task, {
    report: renderInjections(judged),
    json: summariseInjections(judged),
    description: `${source.title}, injected: ${options.injections.map(describeInjection).join('; ')}`,
    cases: named
  })
  return judged.every(({ asExpected }) => asExpected) ? EXIT.pass : EXIT.gateFailed
}
