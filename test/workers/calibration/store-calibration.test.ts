import { mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { sampleCalibration } from '#test/fixtures/calibrations/sample-calibration.ts'
import { readCalibrations } from '#workers/calibration/read-calibrations.ts'
import { storeCalibration } from '#workers/calibration/store-calibration.ts'

let data: string

beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'tailgate-calibrations-test-'))
})
afterEach(() => rmSync(data, { recursive: true, force: true }))

test('what is stored is read back, newest first', async () => {
  const older = sampleCalibration({ measuredAt: '2026-01-02T03:04:05.678Z' })
  const newer = sampleCalibration({ measuredAt: '2026-02-02T03:04:05Z', trust: 'too_short' })

  const newerPath = await storeCalibration(data, newer)
  const olderPath = await storeCalibration(data, older)

  expect(await readCalibrations(data)).toEqual({
    calibrations: [
      { path: newerPath, calibration: newer },
      { path: olderPath, calibration: older }
    ],
    damaged: []
  })
})

test('two calibrations of the same moment are both kept', async () => {
  await storeCalibration(data, sampleCalibration())
  await storeCalibration(data, sampleCalibration())

  expect((await readCalibrations(data)).calibrations).toHaveLength(2)
})

test('nothing but the whole file is left in the folder', async () => {
  await storeCalibration(data, sampleCalibration())

  expect(readdirSync(join(data, 'calibrations'))).toEqual([expect.stringMatching(/^20260102T030405678Z-.{8}\.json$/)])
})

test('a calibration that could not be read back is refused', async () => {
  const calibration = sampleCalibration()
  const broken = { ...calibration, cases: calibration.cases.map((item) => ({ ...item, roundMs: -1 })) }

  await expect(storeCalibration(data, broken)).rejects.toThrow('roundMs')

  expect(readdirSync(data)).toEqual([])
})

test('without the folder there are no calibrations', async () => {
  expect(await readCalibrations(join(data, 'nowhere'))).toEqual({ calibrations: [], damaged: [] })
})

test('damaged files are named with what is wrong, and the sound one is read', async () => {
  const sound = await storeCalibration(data, sampleCalibration())
  const folder = join(data, 'calibrations')
  const files = {
    cut: '20260301T000000000Z-00000001.json',
    other: '20260302T000000000Z-00000002.json',
    huge: '20260303T000000000Z-00000003.json',
    link: '20260304T000000000Z-00000004.json',
    folder: '20260305T000000000Z-00000005.json'
  }
  writeFileSync(join(folder, files.cut), '{"format": "tailgate.cal')
  writeFileSync(join(folder, files.other), '{"format": "something else"}')
  writeFileSync(join(folder, files.huge), ' '.repeat(8 * 1024 * 1024 + 1))
  symlinkSync('/dev/zero', join(folder, files.link))
  mkdirSync(join(folder, files.folder))
  writeFileSync(join(folder, 'notes.txt'), 'not one of ours')

  const { calibrations, damaged } = await readCalibrations(data)

  expect(calibrations.map(({ path }) => path)).toEqual([sound])
  expect(damaged).toEqual([
    { path: join(folder, files.folder), problem: 'It is not a file.' },
    { path: join(folder, files.link), problem: 'It is not a file.' },
    { path: join(folder, files.huge), problem: expect.stringContaining('8388609 bytes') },
    { path: join(folder, files.other), problem: expect.stringContaining('format') },
    { path: join(folder, files.cut), problem: 'It is not valid JSON; it may be cut off.' }
  ])
})

test('a file in the place of the folder is named', async () => {
  writeFileSync(join(data, 'calibrations'), '')

  const { damaged } = await readCalibrations(data)

  expect(damaged).toEqual([{ path: join(data, 'calibrations'), problem: 'The folder cannot be read (ENOTDIR).' }])
})

test('only the newest hundred are read', async () => {
  for (let day = 0; day < 101; day += 1) {
    const measuredAt = new Date(Date.UTC(2026, 0, 1 + day)).toISOString()
    await storeCalibration(data, sampleCalibration({ measuredAt }))
  }

  const { calibrations } = await readCalibrations(data)

  expect(calibrations).toHaveLength(100)
  expect(calibrations.at(-1)?.calibration.measuredAt).toBe('2026-01-02T00:00:00.000Z')
})
