import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { decodeResult, encodeResult } from '#queue/result-codec.ts'
import { exampleJob, exampleResult } from './benchmark-examples.ts'

const JOB = exampleJob('run-1')

function pack(value: unknown): string {
  return gzipSync(JSON.stringify(value)).toString('base64')
}

test('a result comes back as it was', async () => {
  const result = exampleResult('run-1', 1000)

  const decoded = await decodeResult(await encodeResult(result), JOB)

  expect(decoded).toEqual({ kind: 'result', result })
})

test.each([
  ['nothing', null, 'it is not a string'],
  ['an object', { jobId: 'run-1' }, 'it is not a string'],
  ['no gzip', 'aGVsbG8=', 'it cannot be unpacked (incorrect header check)'],
  ['half of one', pack(exampleResult('run-1')).slice(0, 100), 'it cannot be unpacked (unexpected end of file)'],
  ['no JSON', gzipSync('{').toString('base64'), '(root): Invalid input'],
  ['another schema', pack({ ...exampleResult('run-1'), schemaVersion: 2 }), 'schemaVersion: Invalid input'],
  ['unknown keys', pack({ ...exampleResult('run-1'), verdict: 'improvement' }), 'Unrecognized key: "verdict"'],
  ['another job', pack(exampleResult('run-2')), 'jobId: it answers run-2, but run-1 was asked'],
  [
    'another commit',
    pack({ ...exampleResult('run-1'), candidateSha: 'c'.repeat(40) }),
    `candidateSha: it answers ${'c'.repeat(40)}, but ${'b'.repeat(40)} was asked`
  ]
])('refuses %s', async (_name, encoded, reason) => {
  const decoded = await decodeResult(encoded, JOB)

  expect(decoded).toEqual({ kind: 'invalid', message: expect.stringContaining(reason) })
})

test('refuses what would unpack to more than 256 MiB', async () => {
  // Two gzip members are one stream; a small file that unpacks to 260 MiB.
  const member = gzipSync(Buffer.alloc(26 * 1024 * 1024, ' '))
  const bomb = Buffer.concat(Array.from({ length: 10 }, () => member)).toString('base64')

  const decoded = await decodeResult(bomb, JOB)

  expect(decoded).toEqual({ kind: 'invalid', message: expect.stringContaining('it holds more than 256 MiB of JSON') })
})

test('refuses JSON that would take too much memory, before it is parsed', async () => {
  const decoded = await decodeResult(gzipSync('['.repeat(5_000_000)).toString('base64'), JOB)

  expect(decoded).toEqual({
    kind: 'invalid',
    message: expect.stringContaining('it holds more than 4 million lists and objects')
  })
})

test('a worker learns that its result holds too much', async () => {
  const blocks = Array.from({ length: 2_000_001 }, () => [])
  const result = { ...exampleResult('run-1'), cases: [{ blocks }, { blocks }] }

  // @ts-expect-error a result that no worker builds, but as large as one could be
  await expect(encodeResult(result)).rejects.toMatchObject({
    code: 'result_too_large',
    message: expect.stringContaining('Measure fewer cases')
  })
})
