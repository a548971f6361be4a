import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readLfsLimits, SOURCE_SETTINGS } from '#workers/source/source-settings.ts'

const Settings = z.object(SOURCE_SETTINGS)

describe('source settings', () => {
  test('have defaults', () => {
    const settings = Settings.parse({})

    expect(settings).toEqual({
      LFS_OBJECT_MAX_MIB: 4096,
      LFS_TOTAL_MAX_MIB: 8192,
      ENGINE_VERSIONS: { kind: 'range', oldest: '1.22.0', newest: null },
      ENGINE_REGISTRY: 'https://registry.npmjs.org/',
      ENGINES_KEEP: 5
    })
    expect(readLfsLimits(settings)).toEqual({ objectMaxBytes: 4 * 1024 ** 3, totalMaxBytes: 8 * 1024 ** 3 })
  })

  test('are read from text', () => {
    const settings = Settings.parse({ LFS_OBJECT_MAX_MIB: '10', ENGINE_VERSIONS: '1.29.0', ENGINES_KEEP: '2' })

    expect(settings).toMatchObject({ ENGINE_VERSIONS: { kind: 'list', versions: ['1.29.0'] }, ENGINES_KEEP: 2 })
    expect(readLfsLimits(settings).objectMaxBytes).toBe(10 * 1024 ** 2)
  })

  test.each([
    ['LFS_OBJECT_MAX_MIB', 'much', 'a whole number from 1 to 1048576'],
    ['ENGINE_VERSIONS', 'all', '"all" is no version'],
    ['ENGINE_REGISTRY', 'file:///etc', 'must be an http(s) address'],
    ['ENGINES_KEEP', '0', 'from 1 to 100']
  ])('name what is wrong with %s', (name, value, problem) => {
    const { error } = Settings.safeParse({ [name]: value })

    expect(error?.issues).toEqual([
      expect.objectContaining({ path: [name], message: expect.stringContaining(problem) })
    ])
  })
})
