import { expect, test } from 'vitest'
import { segmentSpanNs } from '#stats/segment-span.ts'

const LOAD = { offeredPerS: 80, arrivals: 20, late: 0, timedOut: 0, dropped: 0 }

test('a burst that is answered early does not answer more than was offered', () => {
  expect((LOAD.arrivals / segmentSpanNs({ ...LOAD, lastNs: 205e6 })) * 1e9).toBeCloseTo(80)
})

test('a side that goes on answering after the last arrival answers less', () => {
  expect((LOAD.arrivals / segmentSpanNs({ ...LOAD, lastNs: 500e6 })) * 1e9).toBeCloseTo(40)
})
