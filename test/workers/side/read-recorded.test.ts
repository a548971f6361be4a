import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { ModelInput } from '#workers/side/model-input.ts'
import type { RecordedSource } from '#workers/side/protocol.ts'
import { RECORDED_LIMITS, readRecorded } from '#workers/side/read-recorded.ts'

const FIXTURES = join(import.meta.dirname, '../../fixtures/recorded')
const ONE_INPUT: readonly ModelInput[] = [{ name: 'x', isTensor: true, type: 'float32', shape: ['n', 3] }]
const TWO_INPUTS: readonly ModelInput[] = [...ONE_INPUT, { name: 'y', isTensor: true, type: 'int32', shape: ['n', 3] }]
const directory = await mkdtemp(join(tmpdir(), 'tailgate-samples-'))

beforeAll(async () => {
  await writeFile(join(directory, 'two.json'), '[{"x": [[1, 2, 3]]}, {"x": [[4, 5, 6]]}]')
})

afterAll(() => rm(directory, { recursive: true, force: true }))

function fixture(path: string, input: string | null = null): RecordedSource {
  return { file: join(FIXTURES, path), path, input }
}

function written(path: string): RecordedSource {
  return { file: join(directory, path), path, input: null }
}

/** The inputs of each sample, or what is wrong. */
function namesOf(sources: readonly RecordedSource[], inputs = ONE_INPUT, limits = RECORDED_LIMITS): unknown {
  const read = readRecorded(sources, inputs, limits)
  return read.ok ? read.samples.map((sample) => [...sample.keys()]) : read.message
}

describe('readRecorded', () => {
  test('an archive is a sample, a list in JSON is several', () => {
    expect(namesOf([fixture('stored.npz'), written('two.json')])).toEqual([['ids', 'mask'], ['x'], ['x']])
  })

  test('a .npy file is for the only input, each one a sample', () => {
    expect(namesOf([fixture('float32.npy'), fixture('float32.npy')])).toEqual([['x'], ['x']])
  })

  test('the first .npy files of all inputs make a sample', () => {
    const sources = [
      fixture('float32.npy', 'x'),
      fixture('float32.npy', 'x'),
      fixture('int32.npy', 'y'),
      fixture('int32.npy', 'y')
    ]

    expect(namesOf(sources, TWO_INPUTS)).toEqual([
      ['x', 'y'],
      ['x', 'y']
    ])
  })

  test('a .npy file must say which of several inputs it is for', () => {
    expect(namesOf([fixture('float32.npy')], TWO_INPUTS)).toBe(
      '`float32.npy` does not say which input it is for, and the model has 2.'
    )
  })

  test('.npy files that do not make whole samples are refused', () => {
    const sources = [fixture('float32.npy', 'x'), fixture('int32.npy', 'y'), fixture('int32.npy', 'y')]

    expect(namesOf(sources, TWO_INPUTS)).toMatch(/1 .npy files for the input `x` and 2 for `y`/)
  })

  test.each([
    [
      'more files than fit',
      [fixture('float32.npy'), fixture('float32.npy')],
      { maxBytes: 200 },
      /has 152 bytes, and 48 are left/
    ],
    ['what unpacks to more than fits', [fixture('bomb.npz')], { maxBytes: 2 ** 20 }, /unpacks to more than/],
    [
      'archives that fit only one by one',
      [fixture('bomb.npz'), fixture('bomb.npz')],
      { maxBytes: 100 * 2 ** 20 },
      /the 35 MiB that are left/
    ],
    ['too much JSON', [written('two.json')], { maxJsonBytes: 10 }, /and 10 are left/],
    ['too many samples', [written('two.json')], { maxSamples: 1 }, /2 samples are recorded, more than 1/]
  ])('%s is refused', (_, sources, limits, message) => {
    expect(namesOf(sources, ONE_INPUT, { ...RECORDED_LIMITS, ...limits })).toMatch(message)
  })
})
