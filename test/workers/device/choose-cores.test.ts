import { expect, test } from 'vitest'
import { parseBusyTicks, parseCoreList, pickIdlest, pinCommand } from '#workers/device/choose-cores.ts'

test.each([
  ['0-3', [0, 1, 2, 3]],
  ['0,2-3,8', [0, 2, 3, 8]],
  ['5', [5]],

  ['nonsense', []]
])('reads the core list %j', (text, cores) => {
  expect(parseCoreList(text)).toEqual(cores)
})

test('counts a core as busy for everything but idle and waiting for disks', () => {
  const stat = 'cpu  900 1 2 3 4 5 6 7 0 0\ncpu0 100 10 20 5000 300 1 2 3 0 0\ncpu12 7 0 0 9 0 0 0 0 0 0\nintr 1\n'

  expect(parseBusyTicks(stat)).toEqual(
    new Map([
      [0, 136],
      [12, 7]
    ])
  )
})

test('picks the cores that were idlest, and the higher one of two alike', () => {
  const before = new Map([0, 1, 2, 3].map((core) => [core, 1000] as const))
  const after = new Map([
    [0, 1009],
    [1, 1001],
    [2, 1001],
    [3, 1005]
  ])

  expect(pickIdlest([0, 1, 2, 3], before, after, 1)).toEqual([2])
  expect(pickIdlest([0, 1, 2, 3], before, after, 3)).toEqual([1, 2, 3])
  expect(pickIdlest([0, 3], before, after, 1)).toEqual([3])
})

test('starts a command through taskset, or unchanged where nothing was chosen', () => {
  const command = { program: '/usr/bin/node', args: ['side.ts'], env: { LANG: 'C' } }

  expect(pinCommand(command, null)).toBe(command)
  expect(pinCommand(command, [1, 3])).toEqual({
    program: '/usr/bin/taskset',
    args: ['--cpu-list', '1,3', '/usr/bin/node', 'side.ts'],
    env: { LANG: 'C' }
  })
})
