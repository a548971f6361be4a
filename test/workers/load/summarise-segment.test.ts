import { describe, expect, test } from 'vitest'
import { OUTCOME, type SegmentRecords } from '#workers/load/segment-memory.ts'
import { lateToleranceNs, summariseSegment } from '#workers/load/summarise-segment.ts'

const MS = 1e6

type Row = readonly [arrivalMs: number, freeMs: number, startMs: number, endMs: number, outcome?: number]

function segment(rows: readonly Row[]): [Float64Array, SegmentRecords] {
  const column = (place: 0 | 1 | 2 | 3) => Float64Array.from(rows, (row) => row[place] * MS)
  return [
    column(0),
    {
      freeNs: column(1),
      startNs: column(2),
      endNs: column(3),
      outcomes: Uint8Array.from(rows, (row) => row[4] ?? OUTCOME.answered),
      instances: new Uint8Array(rows.length)
    }
  ]
}

describe('summariseSegment', () => {
  test('latency counts from the intended arrival; queue and service add up to it', () => {
    const summary = summariseSegment(
      ...segment([
        [1, 0, 1, 11],
        [2, 11, 11, 21]
      ])
    )

    expect(summary.latenciesNs).toEqual([10 * MS, 19 * MS])
    expect(summary.queueNs).toEqual([0, 9 * MS])
    expect(summary.serviceNs).toEqual([10 * MS, 10 * MS])
    expect(summary.lastNs).toBe(20 * MS)
  })

  test('waiting for a busy instance is not late; starting after both are there is', () => {
    const summary = summariseSegment(
      ...segment([
        [1, 0, 1, 11],
        [2, 11, 11.5, 21],
        [30, 21, 31.2, 41]
      ])
    )

    expect(summary.latenessNs.map(Math.round)).toEqual([0, 0.5 * MS, 1.2 * MS])
    expect(summary.late).toBe(1)
  })

  test('what was not answered has no latency, and is counted by its kind', () => {
    const summary = summariseSegment(
      ...segment([
        [1, 0, 1, 11],
        [2, 11, 11, 21, OUTCOME.failed],
        [3, 21, 21, 21, OUTCOME.timedOut],
        [4, 21, 21, 21, OUTCOME.dropped],
        [5, 21, 21, 21, OUTCOME.cut]
      ])
    )

    expect(summary).toMatchObject({ arrivals: 5, errors: 4, timedOut: 1, dropped: 1, cut: 1 })
    expect(summary.latenciesNs.length).toBe(1)
    // Only what was sent can be sent late.
    expect(summary.latenessNs.length).toBe(2)
  })

  test('nothing answered has no last answer', () => {
    const summary = summariseSegment(...segment([[1, 0, 1, 2, OUTCOME.failed]]))

    expect(summary).toMatchObject({ latenciesNs: [], lastNs: 0, errors: 1, late: 0 })
  })
})

test('slow requests may start later', () => {
  expect(lateToleranceNs(1 * MS)).toBe(1 * MS)
  expect(lateToleranceNs(1000 * MS)).toBe(10 * MS)
})
