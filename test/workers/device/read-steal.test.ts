import { expect, test } from 'vitest'
import { parseCpuTimes, stealShare } from '#workers/device/read-steal.ts'

test('counts the time of all cores, and guests’ time once', () => {
  const stat = 'cpu  100 10 20 800 30 1 2 37 50 5\ncpu0 1 1 1 1 1 1 1 1 1 1\nintr 1\n'

  expect(parseCpuTimes(stat)).toEqual({ totalTicks: 1000, stolenTicks: 37 })
})

test.each([
  ['an old kernel, which knows no steal', 'cpu 1 2 3 4\n', { totalTicks: 10, stolenTicks: 0 }],
  ['no /proc', '', null],
  ['something else', 'cpu0 1 2 3 4 5 6 7 8\n', null]
])('reads %s', (_what, text, times) => {
  expect(parseCpuTimes(text)).toEqual(times)
})

test.each([
  ['a tenth', { totalTicks: 200, stolenTicks: 10 }, { totalTicks: 300, stolenTicks: 20 }, 0.1],
  ['nothing', { totalTicks: 200, stolenTicks: 10 }, { totalTicks: 300, stolenTicks: 10 }, 0],
  ['less than nothing, after a move', { totalTicks: 200, stolenTicks: 10 }, { totalTicks: 300, stolenTicks: 0 }, 0],
  ['no time at all', { totalTicks: 200, stolenTicks: 10 }, { totalTicks: 200, stolenTicks: 10 }, null],
  ['what cannot be told', null, { totalTicks: 200, stolenTicks: 10 }, null]
])('the share of %s', (_what, before, after, share) => {
  expect(stealShare(before, after)).toBe(share)
})
