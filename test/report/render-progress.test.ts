import { describe, expect, test } from 'vitest'
import type { BenchmarkProgress } from '#contracts/benchmark-result.ts'
import { byteLength, CHECK_TEXT_MAX_BYTES } from '#src/report/fit-bytes.ts'
import { renderProgress } from '#src/report/render-progress.ts'
import { findEscaped } from './parse-report.ts'
import { HOSTILE_TEXTS } from './sample-outcomes.ts'

const PROGRESS: BenchmarkProgress = {
  phase: 'measuring',
  roundsDone: 9,
  roundsMax: 28,
  elapsedMs: 31_400,
  message: 'p50 +1.8 % (−0.3 % to +3.9 %), needs about 40 s more'
}

describe('the text of a check that is still measuring', () => {
  test('tells the round, the time and what the worker says, forecast included', () => {
    expect(renderProgress(PROGRESS)).toEqual({
      title: 'Measuring: round 9 of at most 28',
      summary:
        'Measuring: round 9 of at most 28, 31 s so far.\n\nNow: `p50` +1.8\u00A0% (−0.3\u00A0% to +3.9\u00A0%), needs about 40\u00A0s more',
      text: null,
      annotations: []
    })
  })

  test('says that a job waits, and no time, which would stand still', () => {
    const message = 'waiting for a calibration on this machine to end'
    const waiting = renderProgress({ phase: 'preparing', roundsDone: 0, roundsMax: 24, elapsedMs: 0, message })

    expect(waiting.title).toBe('Waiting for the machine to be free')
    expect(waiting.summary).toBe(`Waiting for the machine to be free.\n\nNow: ${message}`)
  })

  test('does not let a message begin a list or a heading', () => {
    for (const message of ['1. one', '+ one', '# one']) {
      expect(renderProgress({ ...PROGRESS, message }).summary).toMatch(/\n\nNow: /)
    }
  })

  test.each(HOSTILE_TEXTS)('keeps %j inert', (message) => {
    expect(findEscaped(renderProgress({ ...PROGRESS, message }).summary)).toEqual([])
  })

  test('stays short whatever the worker says', () => {
    const { summary, title } = renderProgress({ ...PROGRESS, message: '😀`'.repeat(250) })
    expect(byteLength(summary)).toBeLessThan(CHECK_TEXT_MAX_BYTES / 10)
    expect(title.length).toBeLessThan(255)
  })
})
