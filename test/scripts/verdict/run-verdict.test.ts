import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { countDistinctDraws, drawEvidence, MAX_ROUNDS } from '#src/scripts/bench/verdict/draw-evidence.ts'
import { flagged, formatShare } from '#src/scripts/bench/verdict/format-tally.ts'
import { plotVerdict } from '#src/scripts/bench/verdict/plot-verdict.ts'
import { readRecording } from '#src/scripts/bench/verdict/read-recording.ts'
import type { RecordedCase, Recording } from '#src/scripts/bench/verdict/recorded-launch.ts'
import { compareWithShare } from '#src/scripts/bench/verdict/render-aims.ts'
import { renderVerdict } from '#src/scripts/bench/verdict/render-verdict.ts'
import { CALLS } from '#src/scripts/bench/verdict/rule.ts'
import { LARGE_RUN_NAME, type RecordingFigures, runVerdict } from '#src/scripts/bench/verdict/run-verdict.ts'
import type { Tally } from '#src/scripts/bench/verdict/tally.ts'
import { wilsonInterval } from '#src/scripts/bench/verdict/wilson-interval.ts'
import { createRandom } from '#workers/side/random-numbers.ts'

const FILE = join(import.meta.dirname, '../../fixtures/measurements/cls-as-is.json.gz')
const DRAWS = 20
/** The fixture: 12 launches, identical code and +5 %. */
const LAUNCHES = 12
const SETTINGS = { draws: DRAWS, seed: 7, say: () => undefined }

let recording: Recording
let figures: RecordingFigures

beforeAll(async () => {
  const read = await readRecording(FILE)
  if (read.kind === 'bad_file') throw new Error(read.message)
  recording = read.recording
  figures = runVerdict(recording, SETTINGS)
})

function caseOf(id: string): RecordedCase {
  const found = recording.cases.find((item) => item.id === id)
  if (found === undefined) throw new Error(`no case ${id}`)
  return found
}

function tallyOf(rule: string, caseId: string, feed: Tally['feed'] = 'interleaved'): Tally {
  const found = figures.tallies.find((tally) => tally.rule === rule && tally.caseId === caseId && tally.feed === feed)
  if (found === undefined) throw new Error(`no tally of ${rule}`)
  return found
}

describe('the whole bench on a small recording', () => {
  test('counts every draw once', () => {
    for (const tally of figures.tallies) {
      const sum = CALLS.reduce((total, call) => total + tally.calls[call], 0)
      const expected = tally.feed === 'history' && tally.effect.kind === 'slower' ? LAUNCHES : DRAWS
      expect({ rule: tally.rule, sum, draws: tally.draws }).toEqual({
        rule: tally.rule,
        sum: expected,
        draws: expected
      })
    }
  })

  test('gives every rule every case, and the run of three cases identical code only', () => {
    const identical = figures.tallies.filter(({ caseId }) => caseId === 'slower-0pct').map(({ rule }) => rule)
    const slower = figures.tallies.filter(({ caseId }) => caseId === 'slower-5pct').map(({ rule }) => rule)

    expect(identical).toEqual([...slower, LARGE_RUN_NAME])
  })

  test('our rule finds +5 %, and a run of three cases does not count launches that settled cases were spared', () => {
    const slower = tallyOf('Tailgate', 'slower-5pct')
    const identical = tallyOf('Tailgate', 'slower-0pct')
    const large = tallyOf(LARGE_RUN_NAME, 'slower-0pct')
    const [oneMs, threeMs] = [identical, large].map((tally) => tally.meanMeasuringMs / tally.meanRounds)

    expect(slower.calls.regression).toBeGreaterThanOrEqual(0.9 * DRAWS)
    expect(slower.meanRounds).toBeGreaterThanOrEqual(6)
    expect(identical.calls.pass).toBeGreaterThanOrEqual(0.9 * DRAWS)
    // Per launch of the longest case: three times as long, were all three measured until the end.
    expect((threeMs ?? 0) / (oneMs ?? 0)).toBeGreaterThan(1.5)
    expect((threeMs ?? 0) / (oneMs ?? 0)).toBeLessThan(2.7)
  })

  test('rules that use all the data measure as many launches as Tailgate may', () => {
    const { launches } = caseOf('slower-5pct')
    const times = launches.map(({ baseline, candidate }) => baseline.measuringMs + candidate.measuringMs)
    const { meanRounds, meanMeasuringMs } = tallyOf('Tango', 'slower-5pct')

    expect(meanRounds).toBe(MAX_ROUNDS)
    expect(meanMeasuringMs).toBeGreaterThan(MAX_ROUNDS * Math.min(...times))
    expect(meanMeasuringMs).toBeLessThan(MAX_ROUNDS * Math.max(...times))
  })

  test('the same seed gives the same figures, another seed others', () => {
    expect(runVerdict(recording, SETTINGS)).toEqual(figures)
    expect(runVerdict(recording, { ...SETTINGS, seed: 8 })).not.toEqual(figures)
  })

  test('intervals stand on the draws that differ', () => {
    const sequential = tallyOf('Mann-Whitney on requests', 'slower-0pct', 'sequential')
    const history = tallyOf('rustc-perf', 'slower-0pct', 'history')
    const alarms = sequential.calls.regression + sequential.calls.improvement

    expect(flagged(sequential)).toEqual(wilsonInterval(alarms / DRAWS, DRAWS))
    expect(history.distinctDraws).toBe(LAUNCHES)
  })

  test('prints a row for every rule and a dash for effects that were not recorded', () => {
    const markdown = renderVerdict([figures], SETTINGS)
    const [ours] = markdown.split('\n').filter((line) => line.startsWith('| Tailgate '))
    const cells = ours?.split('|').map((cell) => cell.trim())

    expect(cells?.slice(1, 3)).toEqual(['Tailgate', 'interleaved'])
    const { calls } = tallyOf('Tailgate', 'slower-5pct')
    const [found, faster] = [calls.regression, calls.improvement].map((count) => formatShare(count / DRAWS))
    expect(cells?.slice(5, 9)).toEqual(['–', found, '–', faster])
    for (const { rule } of figures.tallies) expect(markdown).toContain(`| ${rule} `)
  })

  test('draws every rule once, as well-formed text', () => {
    const svg = plotVerdict([figures])

    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www.w3.org\/2000\/svg"/)
    expect(svg.match(/>Tango</g)).toHaveLength(1)
    expect(svg).toContain('&gt; 5 %, p50')
    expect(svg).toContain('prefers-color-scheme: dark')
    expect(svg.match(/<style>/g)).toHaveLength(1)
    expect(svg).not.toContain('NaN')
  })
})

describe('draws', () => {
  test('sequential ones never show a rule both sides of one launch', () => {
    const recorded = caseOf('slower-5pct')
    for (let draw = 0; draw < countDistinctDraws(recorded, 'sequential'); draw += 1) {
      const { baseline, candidate } = drawEvidence(recorded, 'sequential', draw, createRandom(1))
      const first = new Set(baseline.map((run) => recorded.launches.findIndex((launch) => launch.baseline === run)))
      const second = candidate.map((run) => recorded.launches.findIndex((launch) => launch.candidate === run))

      expect([...first, ...second]).not.toContain(-1)
      expect(second.filter((launch) => first.has(launch))).toEqual([])
    }
  })

  test('a history ends right before the candidate', () => {
    const recorded = caseOf('slower-5pct')
    const { baseline, candidate } = drawEvidence(recorded, 'history', 6, createRandom(1))

    expect(candidate[0]).toBe(recorded.launches[6]?.candidate)
    expect(baseline.at(-1)).toBe(recorded.launches[5]?.baseline)
  })

  test('exchange the sides of identical code only', () => {
    const swapped = (id: string) => {
      const recorded = caseOf(id)
      const { launches } = drawEvidence(recorded, 'interleaved', 0, createRandom(3))
      return launches.filter((launch) => recorded.swappedLaunches.includes(launch)).length
    }

    expect(swapped('slower-0pct')).toBeGreaterThan(0)
    expect(swapped('slower-0pct')).toBeLessThan(16)
    expect(swapped('slower-5pct')).toBe(0)
  })

  test('exchanged sides mirror the statistics', () => {
    const { launches, swappedLaunches } = caseOf('slower-0pct')
    const [slowdown, mirrored] = [launches[0], swappedLaunches[0]].map(
      (launch) => launch?.statistics.effects.p50?.slowdown
    )

    expect(mirrored).toBeCloseTo(-(slowdown ?? Number.NaN), 12)
  })
})

test.each([
  [0, '0 %'],
  [0.0001, '< 0.1 %'],
  [0.034, '3.4 %'],
  [0.9996, '> 99.9 %'],
  [1, '100 %']
])('%f is shown as %s', (share, shown) => {
  expect(formatShare(share)).toBe(shown)
})

test.each([
  ['at most', 0.005, 0.001, 0.004, '≤ 0.5 %: reached'],
  ['at most', 0.005, 0.001, 0.006, '≤ 0.5 %: open'],
  ['at most', 0.005, 0.006, 0.009, '≤ 0.5 %: missed'],
  ['at least', 0.999, 0.999, 1, '≥ 99.9 %: reached'],
  ['at least', 0.999, 0.99, 1, '≥ 99.9 %: open'],
  ['at least', 0.999, 0.9, 0.99, '≥ 99.9 %: missed']
] as const)('an aim of %s %f with the interval from %f to %f', (kind, share, low, high, shown) => {
  expect(compareWithShare({ kind, share }, { share: (low + high) / 2, low, high })).toBe(shown)
})
