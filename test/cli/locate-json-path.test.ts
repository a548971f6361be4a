import { describe, expect, it } from 'vitest'
import { locateJsonPath } from '#src/cli/locate-json-path.ts'

const TEXT = `{
  "a, \\"b\\": [": "x]}\\\\",
  "list": [1, [ ], {"deep": [true, {"k": "v"}]}, -2.5e3 ],
  "empty": {},
  "twice": 1, "twice": 2
}`

describe('locateJsonPath', () => {
  it.each([
    [[], 'line 1, column 1'],
    [['a, "b": ['], 'line 2, column 18'],
    [['list'], 'line 3, column 11'],
    [['list', 0], 'line 3, column 12'],
    [['list', 1], 'line 3, column 15'],
    [['list', 2, 'deep', 1, 'k'], 'line 3, column 42'],
    [['list', 3], 'line 3, column 50'],
    [['empty'], 'line 4, column 12'],
    [['twice'], 'line 5, column 24']
  ])('finds %j', (path, place) => {
    expect(locateJsonPath(TEXT, path)).toBe(place)
  })

  it.each([
    [['missing'], 'line 1, column 1'],
    [['list', 9], 'line 3, column 11'],
    [['list', 'name'], 'line 3, column 11'],
    [['list', 0, 'deeper'], 'line 3, column 12'],
    [['empty', 'key'], 'line 4, column 12']
  ])('stops where %j leads nowhere', (path, place) => {
    expect(locateJsonPath(TEXT, path)).toBe(place)
  })
})
