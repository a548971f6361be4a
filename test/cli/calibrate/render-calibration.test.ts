import { expect, test } from 'vitest'
import type { Calibration } from '#contracts/calibration.ts'
import { renderCalibration } from '#src/cli/calibrate/render-calibration.ts'
import { sampleCalibration } from '#test/fixtures/calibrations/sample-calibration.ts'

function render(changes: Partial<Calibration> = {}, configuredRoundMs: number | null = 2000): string {
  const calibration = sampleCalibration(changes)
  return renderCalibration({
    calibration,
    title: '../detector at HEAD (1234abcd)',
    rounds: 120,
    elapsedMs: 420_000,
    configuredRoundMs,
    failures: []
  })
}

test('the table says how the machine errs and how long it needs to see what', () => {
  const text = render()

  expect(text).toContain('Calibration with ../detector at HEAD (1234abcd)')
  expect(text).toContain('120 rounds in 7 min 0 s')
  expect(text).toMatch(/metric +false alarms +bias +p +noise per round +launch effect +after 32 s/)
  expect(text).toMatch(/p50 +1 of 20 +\+0\.04 % +0\.600 +0\.90 % +0\.25 % +1\.30 %/)
  expect(text).toContain('TRUSTED')
  expect(text).toContain('measuring: { round_seconds: 2.7 }')
})

test('the built-in model recommends nothing for a repository', () => {
  expect(render({}, null)).not.toContain('tailgate.yml')
})

test('an untrusted machine has its problems and what to do', () => {
  const text = render({ trust: 'untrusted', problems: ['p50 of vad: 9 of 20 comparisons differed.'] })

  expect(text).toContain('UNTRUSTED')
  expect(text).toContain('- p50 of vad: 9 of 20 comparisons differed.')
  expect(text).toContain('What to do')
})

test('a short calibration says what would do', () => {
  expect(render({ trust: 'too_short' })).toContain('20 can')
  expect(render({ trust: 'too_short', cases: [] })).toContain('TOO SHORT: 0 comparisons')
})

test('names from a repository cannot rewrite the terminal', () => {
  const [sample] = sampleCalibration().cases
  if (sample === undefined) throw new Error('The sample has a case.')

  expect(render({ cases: [{ ...sample, caseId: 'a\u001b[2Jb' }] })).not.toContain('\u001b')
})
