import { expect, test } from 'vitest'
import { describeCaseEnvironment } from '#src/environment/describe-environment.ts'
import { DEFAULT_GATE_LIMITS } from '#src/environment/gate-limits.ts'
import { type JudgedRound, judgeCaseEnvironment } from '#src/environment/judge-case-environment.ts'
import type { Caution, ReadingVerdict } from '#src/environment/judge-reading.ts'

const KEEP: ReadingVerdict = { kind: 'keep', cautions: [] }
const HOT: ReadingVerdict = {
  kind: 'discard',
  reason: { kind: 'gpu_slowdown', reasons: [{ reason: 'hw_thermal', samples: 2, activeUs: 12_400 }] }
}
const GAP: ReadingVerdict = {
  kind: 'measure_again',
  gap: { baselineMHz: 1500, candidateMHz: 1400, ratio: 100 / 1400 }
}
const withCaution = (caution: Caution): ReadingVerdict => ({ kind: 'keep', cautions: [caution] })
const rounds = (...verdicts: readonly ReadingVerdict[]): JudgedRound[] =>
  verdicts.map((verdict, launch) => ({ launch, verdict }))
const judge = (...verdicts: readonly ReadingVerdict[]) => judgeCaseEnvironment(rounds(...verdicts), DEFAULT_GATE_LIMITS)

test('a quiet machine has nothing to say', () => {
  const outcome = judge(KEEP, KEEP)

  expect(outcome).toEqual({ kind: 'usable', rounds: 2, discarded: [], cautions: [] })
  expect(describeCaseEnvironment(outcome)).toEqual([])
})

test('up to a quarter of the rounds may be thrown away', () => {
  const outcome = judge(HOT, KEEP, KEEP, KEEP)

  expect(outcome).toMatchObject({ kind: 'usable', discarded: [{ launch: 0 }] })
  expect(describeCaseEnvironment(outcome)).toEqual([
    'Round 1 of 4 was thrown away: the GPU slowed itself down (hardware heat limit, for 12 ms).'
  ])
})

test('with more there is no verdict', () => {
  const outcome = judge(HOT, KEEP, GAP, KEEP)

  expect(outcome).toMatchObject({ kind: 'inconclusive', why: { kind: 'too_many_discarded', discarded: 2 } })
  expect(describeCaseEnvironment(outcome)).toEqual([
    'Inconclusive: 2 of 4 rounds had to be thrown away.',
    'Round 1 of 4 was thrown away: the GPU slowed itself down (hardware heat limit, for 12 ms).',
    'Round 3 of 4 was thrown away: the sides met different GPU clocks (baseline 1500 MHz, candidate 1400 MHz: 7.1 % apart).'
  ])
})

test('a foreign process in any round ends it', () => {
  const processes = [1, 2, 3, 4].map((pid) => ({ pid, name: 'train.py', memoryBytes: null, owner: 'foreign' as const }))
  const outcome = judge(KEEP, { kind: 'refuse', processes })

  expect(outcome.kind).toBe('refused')
  expect(describeCaseEnvironment(outcome)).toEqual([
    'The GPU was not free: train.py (pid 1), train.py (pid 2), train.py (pid 3) and 1 more. What others compute there would have been measured too.'
  ])
})

test('steal in every round is only told', () => {
  const outcome = judge(withCaution({ kind: 'steal', share: 0.02 }), withCaution({ kind: 'steal', share: 0.05 }))

  expect(outcome.kind).toBe('usable')
  expect(describeCaseEnvironment(outcome)).toEqual([
    'The machine’s host gave up to 5.0 % of its time to others, from both sides alike (every round).'
  ])
})

test('steal can be made to count', () => {
  const stolen = withCaution({ kind: 'steal', share: 0.02 })
  const limits = { ...DEFAULT_GATE_LIMITS, onSteal: 'inconclusive' } as const

  expect(judgeCaseEnvironment(rounds(stolen, KEEP, KEEP, KEEP), limits).kind).toBe('usable')
  expect(judgeCaseEnvironment(rounds(stolen, stolen, KEEP, KEEP), limits)).toMatchObject({
    kind: 'inconclusive',
    why: { kind: 'steal', rounds: 2 }
  })
})

test('a CPU quota that stops the processes leaves no verdict, unless it is allowed to', () => {
  const throttled = withCaution({ kind: 'throttled', share: 0.2, throttledUs: 500 })
  const allowed = { ...DEFAULT_GATE_LIMITS, onThrottling: 'warn' } as const

  expect(judge(throttled, throttled, KEEP)).toMatchObject({ kind: 'inconclusive', why: { kind: 'throttled' } })
  expect(describeCaseEnvironment(judge(throttled, throttled, KEEP))).toEqual([
    'Inconclusive: in 2 of 3 rounds the CPU quota stopped the processes.',
    'The CPU quota stopped the processes in up to 20.0 % of its periods, for 500 µs in all (2 of 3 rounds).'
  ])
  expect(judgeCaseEnvironment(rounds(throttled, throttled), allowed).kind).toBe('usable')
})

test('no round is no evidence against the machine', () => {
  expect(judge()).toEqual({ kind: 'usable', rounds: 0, discarded: [], cautions: [] })
})

test.each<[Caution, string]>([
  [{ kind: 'power_cap', samples: 3, activeUs: null }, 'The GPU ran at its power limit (every round).'],
  [
    { kind: 'power_cap', samples: 0, activeUs: 2_000_000 },
    'The GPU ran at its power limit, for up to 2000 ms (every round).'
  ],
  [
    { kind: 'ecc_errors', corrected: 3, uncorrected: 1 },
    'The GPU’s memory had errors: 3 corrected, 1 not (every round).'
  ],
  [
    { kind: 'gpu_unwatched', problem: 'nvidia-smi ended' },
    'The GPU could not be watched, so that slowdowns would not have been seen: nvidia-smi ended (every round).'
  ],
  [
    { kind: 'mig_neighbours', processes: [{ pid: 7, name: 'a', memoryBytes: 1, owner: 'foreign' }] },
    'Other slices of the GPU may have been in use: a (pid 7) (every round).'
  ]
])('%j is told', (caution, text) => {
  expect(describeCaseEnvironment(judge(withCaution(caution)))).toEqual([text])
})
