import { createRandom, inputSeed } from '#workers/side/random-numbers.ts'
import { listRules } from './all-rules.ts'
import { countDistinctDraws, countDraws, drawEvidence, drawLaunches } from './draw-evidence.ts'
import type { Evidence, Feed } from './evidence.ts'
import type { RecordedCase, Recording, SideRun } from './recorded-launch.ts'
import type { Rule, RuleOutcome } from './rule.ts'
import { judgeByTailgate } from './rules/tailgate.ts'
import { type CountedOutcome, openTally, type Tally, type TallyHead } from './tally.ts'

export interface DrawSettings {
  /** Draws of every case and feed, if there are so many. */
  readonly draws: number
  readonly seed: number
  readonly say: (message: string) => void
}

export interface RecordingFigures {
  readonly recording: string
  readonly description: string
  readonly launches: number
  readonly tallies: readonly Tally[]
}

const FEEDS: readonly Feed[] = ['interleaved', 'sequential', 'history']

/** Cases of one run in the variant with many tests: 3 × 5 metrics. */
const CASES_OF_LARGE_RUN = 3

export const LARGE_RUN_NAME = 'Tailgate, 3 cases a run'

/** Lets every rule judge the same draws of one recording. The same seed gives the same figures. */
export function runVerdict(recording: Recording, settings: DrawSettings): RecordingFigures {
  const tallies = recording.cases.flatMap((recorded) => {
    settings.say(`verdict: ${recording.name}, ${recorded.id}`)
    const ofFeeds = FEEDS.flatMap((feed) => judgeDraws(recording, recorded, feed, settings))
    const ofLargeRuns = recorded.effect.kind === 'identical' ? [judgeLargeRuns(recording, recorded, settings)] : []
    return [...ofFeeds, ...ofLargeRuns]
  })
  return {
    recording: recording.name,
    description: recording.description,
    launches: Math.min(...recording.cases.map(({ launches }) => launches.length)),
    tallies
  }
}

function judgeDraws(
  recording: Recording,
  recorded: RecordedCase,
  feed: Feed,
  { draws, seed }: DrawSettings
): readonly Tally[] {
  const random = createRandom(inputSeed(seed, `${recording.name}/${recorded.id}/${feed}`))
  const entries = listRules(recorded.thresholds)
    .filter((rule) => rule.feeds.includes(feed))
    .map((rule) => ({ rule, tally: openTally(headOf(rule, recorded, feed)) }))
  const count = countDraws(recorded, feed, draws)
  for (let draw = 0; draw < count; draw += 1) {
    const evidence = drawEvidence(recorded, feed, draw, random)
    for (const { rule, tally } of entries) tally.add(countOutcome(rule.judge(evidence), evidence))
  }
  return entries.map(({ tally }) => tally.close())
}

function headOf(rule: Rule, recorded: RecordedCase, feed: Feed): TallyHead {
  return {
    rule: rule.name,
    settings: rule.settings,
    source: rule.source,
    feed,
    isUsual: rule.feeds[0] === feed,
    caseId: recorded.id,
    effect: recorded.effect,
    distinctDraws: countDistinctDraws(recorded, feed)
  }
}

/** Three cases of identical code in one run: Holm's correction spans fifteen tests, and any of them may raise the alarm. */
function judgeLargeRuns(recording: Recording, recorded: RecordedCase, { draws, seed }: DrawSettings): Tally {
  const random = createRandom(inputSeed(seed, `${recording.name}/${recorded.id}/large`))
  const tally = openTally({
    rule: LARGE_RUN_NAME,
    settings: `${CASES_OF_LARGE_RUN} × 5 tests in one run, corrected together`,
    source: null,
    feed: 'interleaved',
    isUsual: true,
    caseId: recorded.id,
    effect: recorded.effect,
    distinctDraws: Number.POSITIVE_INFINITY
  })
  for (let draw = 0; draw < draws; draw += 1) {
    const cases = Array.from({ length: CASES_OF_LARGE_RUN }, () => drawLaunches(recorded, random))
    const outcome = judgeByTailgate(cases.map((launches) => ({ thresholds: recorded.thresholds, launches })))
    const used = cases.flatMap((launches, index) => launches.slice(0, outcome.roundsOfCases[index]))
    const measuringMs = sumMeasuring(used.flatMap(({ baseline, candidate }) => [baseline, candidate]))
    tally.add({ call: outcome.call, rounds: outcome.candidateRuns, measuringMs })
  }
  return tally.close()
}

function countOutcome({ call, baselineRuns, candidateRuns }: RuleOutcome, evidence: Evidence): CountedOutcome {
  const used = [...evidence.baseline.slice(0, baselineRuns), ...evidence.candidate.slice(0, candidateRuns)]
  return { call, rounds: candidateRuns, measuringMs: sumMeasuring(used) }
}

function sumMeasuring(runs: readonly SideRun[]): number {
  return runs.reduce((sum, run) => sum + run.measuringMs, 0)
}
