import { expect, test } from 'vitest'
import { type ClockReason, EnvironmentReading, type GpuProcess } from '#contracts/environment.ts'
import { DEFAULT_GATE_LIMITS } from '#src/environment/gate-limits.ts'
import { judgeReading } from '#src/environment/judge-reading.ts'
import { sampleReading } from './sample-reading.ts'

const judge = (changes: Parameters<typeof sampleReading>[0], mig = false) =>
  judgeReading(EnvironmentReading.parse(sampleReading(changes)), mig, DEFAULT_GATE_LIMITS)

const seen = (reason: ClockReason, activeUs: number | null = null) => ({ reason, samples: 1, activeUs })
const process = (pid: number, owner: GpuProcess['owner'], memoryBytes: number | null = null): GpuProcess => ({
  pid,
  name: 'train.py',
  memoryBytes,
  owner
})

test.each([
  ['a processor', {}],
  ['a GPU', { gpu: {} }],
  ['a GPU that idles between requests', { gpu: { reasons: [seen('gpu_idle'), seen('applications_clocks')] } }],
  ['steal that hardly is any', { host: { stealShare: 0.01 } }],
  ['a machine that tells nothing', { host: { stealShare: null, throttling: null } }],
  ['our own processes', { gpu: { processes: [process(1, 'baseline'), process(2, 'candidate')] } }],
  ['our own processes under other numbers', { gpu: { processes: [process(1, 'unknown'), process(2, 'unknown')] } }],
  ['a driver that lists no processes', { gpu: { processes: null } }]
])('%s is kept without a word', (_what, changes) => {
  expect(judge(changes)).toEqual({ kind: 'keep', cautions: [] })
})

test.each(['hw_slowdown', 'sw_thermal', 'hw_thermal', 'hw_power_brake'] as const)('%s discards', (reason) => {
  expect(judge({ gpu: { reasons: [seen('gpu_idle'), seen(reason)] } })).toEqual({
    kind: 'discard',
    reason: { kind: 'gpu_slowdown', reasons: [seen(reason)] }
  })
})

test('a slowdown that only the counter saw discards too', () => {
  const reasons = [{ reason: 'hw_thermal' as const, samples: 0, activeUs: 1200 }]

  expect(judge({ gpu: { reasons } }).kind).toBe('discard')
})

test('a slowdown on a slice of a GPU is one', () => {
  expect(judge({ gpu: { reasons: [seen('hw_thermal')] } }, true).kind).toBe('discard')
})

test.each([
  [1500, 1530, 'keep'],
  [1500, 1531, 'measure_again'],
  [1531, 1500, 'measure_again'],
  [1500, null, 'keep'],
  [0, 1500, 'keep']
])('clocks of %s and %s MHz: %s', (baseline, candidate, kind) => {
  expect(judge({ gpu: { sideSmClockMHz: { baseline, candidate } } }).kind).toBe(kind)
})

test('the gap comes with its numbers', () => {
  expect(judge({ gpu: { sideSmClockMHz: { baseline: 1000, candidate: 1250 } } })).toEqual({
    kind: 'measure_again',
    gap: { baselineMHz: 1000, candidateMHz: 1250, ratio: 0.25 }
  })
})

test('a foreign process refuses, whatever else there is', () => {
  const stranger = process(7, 'foreign')

  expect(judge({ gpu: { processes: [process(1, 'baseline'), stranger], reasons: [seen('hw_thermal')] } })).toEqual({
    kind: 'refuse',
    processes: [stranger]
  })
})

test('with numbers of another namespace the third process is a stranger', () => {
  const processes = [process(1, 'unknown', 5), process(2, 'unknown', 900), process(3, 'unknown', 800)]

  expect(judge({ gpu: { processes } })).toEqual({ kind: 'refuse', processes: [process(1, 'unknown', 5)] })
})

test('on a cut-up GPU strangers may be on other slices', () => {
  const processes = [process(1, 'baseline'), process(7, 'foreign')]

  expect(judge({ gpu: { processes } }, true)).toEqual({
    kind: 'keep',
    cautions: [{ kind: 'mig_neighbours', processes: [process(7, 'foreign')] }]
  })
})

test('everything that is worth a word', () => {
  const verdict = judge({
    host: { stealShare: 0.03, throttling: { periods: 50, throttledPeriods: 5, throttledUs: 70_000 } },
    gpu: {
      samples: 0,
      problem: 'nvidia-smi ended with exit code 15',
      reasons: [seen('sw_power_cap', 9000)],
      eccErrors: { corrected: 2, uncorrected: 0 }
    }
  })

  expect(verdict).toEqual({
    kind: 'keep',
    cautions: [
      { kind: 'steal', share: 0.03 },
      { kind: 'throttled', share: 0.1, throttledUs: 70_000 },
      { kind: 'power_cap', samples: 1, activeUs: 9000 },
      { kind: 'ecc_errors', corrected: 2, uncorrected: 0 },
      { kind: 'gpu_unwatched', problem: 'nvidia-smi ended with exit code 15' }
    ]
  })
})
