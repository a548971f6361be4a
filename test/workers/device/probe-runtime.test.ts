import { expect, test } from 'vitest'
import { describeEnd } from '#workers/device/probe-runtime.ts'

const STACK = `file:///app/workers/device/try-runtime/main.ts:4
const session = await InferenceSession.create(path)
                ^

Error: Load model failed
    at create (file:///app/x.js:1:1)

Node.js v24.21.0
`

test.each([
  ['a stack trace', { code: 1, signal: null }, STACK, 'Error: Load model failed'],
  ['another complaint', { code: 127, signal: null }, 'bwrap: no\nbwrap: such file\n', 'bwrap: such file'],
  ['a crash', { code: null, signal: 'SIGILL' }, '', 'it was ended by SIGILL'],
  [
    'a crash with a last word',
    { code: null, signal: 'SIGABRT' },
    'terminate called\n',
    'it was ended by SIGABRT: terminate called'
  ],
  ['a crash in the sandbox', { code: 132, signal: null }, '', 'it was ended by signal 4'],
  ['an exit without a word', { code: 3, signal: null }, ' \n', 'it ended with exit code 3'],
  ['no such program', { code: 'ENOENT', signal: null }, '', 'it could not be started (ENOENT)'],
  ['nothing known', { code: null, signal: null }, '', 'it could not be started (no reason given)']
])('%s is told in one line', (_what, end, stderr, told) => {
  expect(describeEnd(end, stderr)).toBe(told)
})
