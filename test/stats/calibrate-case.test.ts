import { describe, expect, test } from 'vitest'
import { MetricCalibration } from '#contracts/calibration.ts'
import { calibrateCases, type MeasuredIdentity, recommendRoundMs } from '#stats/calibrate-case.ts'
import { judgeRun } from '#stats/judge-run.ts'
import { type SimulatedMachine, simulateBlocks } from '#test/fixtures/calibrations/simulate-rounds.ts'
import { sideSpec } from '#test/fixtures/measuring/small-job.ts'

const QUIET: SimulatedMachine = { launches: 60, quads: 24, requestSd: 0.05, launchSd: 0, bias: 0, seed: 1 }

function identity(machine: Partial<SimulatedMachine>, caseId = 'vad'): MeasuredIdentity {
  return {
    caseId,
    modelSha256: 'a'.repeat(64),
    session: sideSpec('vad.onnx').session,
    scenario: { kind: 'single_stream' },
    overheadMs: 2000,
    blocks: simulateBlocks({ ...QUIET, ...machine })
  }
}

function calibrateOne(machine: Partial<SimulatedMachine>) {
  const [calibrated] = calibrateCases([identity(machine)])
  if (calibrated === undefined) throw new Error('One case gives one calibration.')
  const row = (name: MetricCalibration['metric']) => {
    const found = calibrated.metrics.find(({ metric }) => metric === name)
    if (found === undefined) throw new Error(`${name} is not there.`)
    return found
  }
  return { calibrated, row }
}

describe('calibrating a case', () => {
  test('every metric has its rounds and its comparisons, and the contract takes them', () => {
    const { calibrated } = calibrateOne({})

    expect(calibrated.metrics.map(({ metric }) => metric)).toEqual(['p50', 'throughput', 'p95', 'p99', 'slow_share'])
    for (const metric of calibrated.metrics) {
      expect(MetricCalibration.parse(metric)).toMatchObject({ rounds: 60, comparisons: 10 })
      expect(metric.detectable.map(({ rounds }) => rounds)).toEqual([6, 9, 12, 16, 24])
    }
  })

  test('a bias is found with its size, and so is the noise of a launch', () => {
    const { row } = calibrateOne({ launches: 240, bias: 0.01, launchSd: 0.02 })

    expect(row('p50').bias).toBeCloseTo(0.01, 2)
    expect(row('p50').biasPValue).toBeLessThan(1e-6)
    expect(row('throughput').launchSd).toBeCloseTo(0.02, 2)
    expect(row('throughput').roundSd).toBeCloseTo(0.02, 2)
  })

  test('without a bias none is found, without a launch effect none is seen', () => {
    const { row } = calibrateOne({})

    expect(row('p50').biasPValue).toBeGreaterThan(0.01)
    expect(row('p50').launchSd).toBeNull()
  })

  test('a round is as long as it took, and the time to a change counts restarts and warm-up', () => {
    const { calibrated, row } = calibrateOne({})
    const [first] = row('p50').detectable

    expect(calibrated.roundMs).toBeGreaterThan(450)
    expect(calibrated.roundMs).toBeLessThan(510)
    expect(first?.measuringMs).toBeCloseTo(6 * calibrated.roundMs, 6)
    expect(first?.wallMs).toBeCloseTo(6 * (calibrated.roundMs + 2000), 6)
  })

  test('the smallest change that is seen is what the judge says of the same rounds', () => {
    const measured = identity({ launches: 9 })
    const [calibrated] = calibrateCases([measured])

    const judged = judgeRun({ cases: [{ id: 'vad', blocks: [...measured.blocks] }] })

    for (const { metric, smallestDetectableChange } of judged.cases[0]?.metrics ?? []) {
      const found = calibrated?.metrics.find((row) => row.metric === metric)?.detectable
      expect(found?.find(({ rounds }) => rounds === 9)?.change, metric).toBeCloseTo(smallestDetectableChange ?? -1, 10)
    }
  })

  test('more cases make smaller changes harder to see', () => {
    const [alone] = calibrateCases([identity({})])
    const [together] = calibrateCases([identity({}), identity({ seed: 2 }, 'ocr')])

    expect(together?.metrics[0]?.detectable[0]?.change).toBeGreaterThan(
      alone?.metrics[0]?.detectable[0]?.change ?? Number.POSITIVE_INFINITY
    )
  })

  test('a metric that is never assessed is left out', () => {
    const { calibrated } = calibrateOne({ quads: 3 })

    expect(calibrated.metrics.map(({ metric }) => metric)).toEqual(['p50', 'throughput'])
    expect(calibrated.recommendedRoundMs).toBeNull()
  })
})

describe('the recommended round', () => {
  const effect = { withinVariance: 0.009 ** 2, launchVariance: 0.004 ** 2, launchVarianceLimit: 0.005 ** 2 }

  test("the study's figures: noise of 0.9 % in 1 s, launches 0.4 %, restart 1.5 s", () => {
    expect(recommendRoundMs({ ...effect, isSeen: true }, 1000, 1500)).toBe(2800)
  })

  test('a launch effect that is not seen counts with its upper limit', () => {
    expect(recommendRoundMs({ ...effect, isSeen: false }, 1000, 1500)).toBe(2200)
  })

  test('it stays between 1 s and 600 s, and is not given where there is no launch effect at all', () => {
    const tiny = { ...effect, launchVariance: 1e-20, isSeen: true }
    const huge = { ...effect, launchVariance: 1, isSeen: true }

    expect(recommendRoundMs(tiny, 1000, 1500)).toBe(600_000)
    expect(recommendRoundMs(huge, 1000, 1500)).toBe(1000)
    expect(recommendRoundMs({ ...effect, launchVarianceLimit: -1, isSeen: false }, 1000, 1500)).toBeNull()
  })
})
