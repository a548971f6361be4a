import { expect, test } from 'vitest'
import { formatJobData, parseJobData, readCancelReason, withCancel } from '#queue/job-data.ts'
import { exampleJob } from './benchmark-examples.ts'

const JOB = exampleJob('run-1')

test('a job comes back as it was, with the reason to cancel it', () => {
  expect(parseJobData(formatJobData(JOB, null))).toEqual({ kind: 'job', job: JOB, cancelReason: null })
  expect(parseJobData(formatJobData(JOB, 'newer push'))).toEqual({ kind: 'job', job: JOB, cancelReason: 'newer push' })
})

test('stores nothing that Postgres refuses in jsonb', () => {
  const repository = { ...JOB.repository, fullName: 'a\0b/c\ud800d' }
  const stored = JSON.stringify(formatJobData({ ...JOB, repository }, null))

  expect(stored).not.toMatch(/(?<!\\)(?:\\\\)*\\u(?:0000|d800)/)
  expect(parseJobData(JSON.parse(stored))).toMatchObject({ job: { repository: { fullName: 'a\0b/c\ud800d' } } })
})

test.each([
  ['nothing', null, '(root): Invalid input'],
  ['another shape', { job: 1, cancel: null }, 'job: Invalid input'],
  ['broken JSON', { job: '{', cancel: null }, 'job: not JSON'],
  ['a job of another version', formatJobData({ ...JOB, schemaVersion: 2 as 1 }, null), 'schemaVersion: Invalid input'],
  ['a short SHA', formatJobData({ ...JOB, baselineSha: 'abc' }, null), 'baselineSha: must be a full commit SHA'],
  ['many mistakes', { job: '{}', cancel: null }, '; and 5 more']
])('names what is wrong with %s', (_name, data, message) => {
  expect(parseJobData(data)).toEqual({ kind: 'invalid', message: expect.stringContaining(message) })
})

test('cancelling keeps the job', () => {
  const cancelled = withCancel(formatJobData(JOB, null), 'closed')

  expect(readCancelReason(cancelled)).toBe('closed')
  expect(parseJobData(cancelled)).toMatchObject({ job: JOB })
})

test('data that is not ours is neither cancelled nor changed', () => {
  expect(readCancelReason({ cancel: { reason: 'x' } })).toBeNull()
  expect(withCancel({ something: 'else' }, 'closed')).toBeNull()
})
