import type { MeasuringPlan } from '#contracts/benchmark-job.ts'
import type { BenchmarkProgress, StopReason } from '#contracts/benchmark-result.ts'
import { FIRST_LOOK } from '#contracts/decision-design.ts'
import {
  addRound,
  addWarning,
  asCaseRounds,
  asCaseSoFar,
  type CaseState,
  type Failures,
  listOpen,
  listSettled,
  markSettled,
  startState
} from './case-state.ts'
import type { Look, NextStep } from './create-look.ts'
import { expectedRoundMs, startedOverRoundMs } from './expected-round.ts'
import type { RoundDeps } from './measure-round.ts'
import { measureWatchedRound } from './measure-watched-round.ts'
import { lengthenWarmUp } from './measuring-rules.ts'
import { progressMessage } from './progress-message.ts'

export interface RoundsDeps extends RoundDeps {
  /** Until the job's deadline. */
  readonly timeLeftMs: () => number
  /** Called after the rounds named in `measuring.looks`. */
  readonly look: Look
  /** Called while nothing is measured; waited for. */
  readonly reportProgress: (progress: BenchmarkProgress) => Promise<void> | void
}

export interface RoundsProgress {
  readonly states: readonly CaseState[]
  /** Set in the last one, unless the time ran out. Settled cases have their own. */
  readonly stopReason: StopReason | null
}

/** The rounds so far, since the start or since measuring started over. */
interface Course extends RoundsProgress {
  readonly measuring: MeasuringPlan
  readonly roundsDone: number
  /** What each round took besides its cases: starting and ending the processes. */
  readonly launchMs: readonly number[]
  readonly startedOver: boolean
}

const STARTED_OVER =
  'The sides were not warm: what had been measured was thrown away, and measuring started over with four times the warm-up. A larger `measuring.warm_up_seconds` on the base branch saves that time.'

/**
 * Measures the open cases round by round until a look ends it, none is open or the rounds are used up.
 *
 * Where a look finds the sides not warm, all cases start over, once: they share every launch, the rounds that a look counts
 * are those of the run, and a side that is cold for one case is cold for its neighbours too, if less visibly.
 *
 * Yields after every whole round, so that the caller keeps what was measured when the next one is cut short. Rounds that
 * were thrown away stand until there are enough new ones to judge.
 *
 * @param failures gets those of the cases that fail
 */
export async function* measureRounds(
  deps: RoundsDeps,
  measuring: MeasuringPlan,
  prepared: readonly CaseState[],
  failures: Failures
): AsyncGenerator<RoundsProgress> {
  const startMs = deps.nowMs()
  const roundsMax = Math.max(...measuring.looks)
  const report = (roundsDone: number, message: string) =>
    deps.reportProgress({ phase: 'measuring', roundsDone, roundsMax, elapsedMs: deps.nowMs() - startMs, message })
  let course = startCourse(measuring, prepared)
  await checkIdentity(deps, course)
  await report(0, 'starting both sides')
  while (goesOn(course)) {
    const { roundsDone } = course
    course = await addNextRound(deps, course, failures)
    if (course.roundsDone === roundsDone) continue
    const step = takeLook(deps, course)
    if (step.kind === 'start_over') yield course
    course = follow(course, step)
    if (standsForItself(course)) yield course
    await report(course.roundsDone, describeCourse(course))
  }
}

function startCourse(measuring: MeasuringPlan, states: readonly CaseState[]): Course {
  return { measuring, states, stopReason: null, roundsDone: 0, launchMs: [], startedOver: false }
}

function goesOn({ states, stopReason }: Course): boolean {
  return stopReason === null && listOpen(states).length > 0
}

/** Whether it may take the place of rounds that were thrown away. */
function standsForItself(course: Course): boolean {
  return !course.startedOver || course.roundsDone >= FIRST_LOOK || !goesOn(course)
}

/** The course with one more round; without it, and without the case at fault, when a process was lost. */
async function addNextRound(deps: RoundsDeps, course: Course, failures: Failures): Promise<Course> {
  const { measuring, roundsDone } = course
  const cases = listOpen(course.states).map(({ prepared }) => prepared)
  const startMs = deps.nowMs()
  const outcome = await measureWatchedRound(deps, { launch: roundsDone, cases, measuring })
  const tookMs = deps.nowMs() - startMs
  await checkIdentity(deps, course)
  for (const { caseIndex, failure } of outcome.failures) failures.set(caseIndex, failure)
  const states = await addRound(course.states, outcome, failures)
  if (outcome.blocks === null || outcome.blocks.size === 0) return { ...course, states }
  const casesMs = [...outcome.spentMs.values()].reduce((sum, spentMs) => sum + spentMs, 0)
  return { ...course, states, roundsDone: roundsDone + 1, launchMs: [...course.launchMs, tookMs - casesMs] }
}

/** The engines are those of the first case that is left. */
async function checkIdentity({ machine }: RoundDeps, { states: [first] }: Course): Promise<void> {
  if (first !== undefined) await machine?.checkIdentity(first.prepared.engineDirectories)
}

function takeLook(deps: RoundsDeps, course: Course): NextStep {
  const { measuring, states, roundsDone } = course
  if (measuring.looks.includes(roundsDone)) {
    const settled = listSettled(states)
    const step = deps.look(states.map(asCaseRounds), { roundsDone, settled, mayStartOver: mayStartOver(deps, course) })
    if (step.kind !== 'continue' || roundsDone < Math.max(...measuring.looks)) return step
  }
  return roundsDone >= Math.max(...measuring.looks) ? { kind: 'stop', reason: 'max_rounds' } : { kind: 'continue' }
}

/** Once, where there is a warm-up to lengthen, and where the time left is enough for rounds that can be judged. */
function mayStartOver(deps: RoundsDeps, { measuring, states, launchMs, startedOver }: Course): boolean {
  if (startedOver || measuring.warmUpRequests + measuring.warmUpMs === 0) return false
  return deps.timeLeftMs() >= FIRST_LOOK * startedOverRoundMs(states, launchMs)
}

function follow(course: Course, step: NextStep): Course {
  switch (step.kind) {
    case 'continue':
      return { ...course, states: markSettled(course.states, step.settled ?? []) }
    case 'stop':
      return { ...course, stopReason: step.reason }
    case 'start_over':
      return startOver(course)
    default:
      return step satisfies never
  }
}

function startOver({ measuring, states }: Course): Course {
  const restarted = states.map((state) =>
    addWarning(
      { ...startState(state), warnings: state.warnings, findings: { ...state.findings, environment: [] } },
      STARTED_OVER
    )
  )
  return { ...startCourse(lengthenWarmUp(measuring), restarted), startedOver: true }
}

function describeCourse(course: Course): string {
  const { measuring, states, roundsDone, launchMs } = course
  if (roundsDone === 0) return 'the sides were not warm; starting over with a longer warm-up'
  const max = Math.max(...measuring.looks)
  const open = listOpen(states)
  const rounds = {
    done: roundsDone,
    max,
    nextRoundMs: goesOn(course) ? expectedRoundMs(open, launchMs) : null,
    mayStopEarly: measuring.looks.some((look) => look > roundsDone && look < max),
    openCases: open.length
  }
  return progressMessage(rounds, states.map(asCaseSoFar))
}
