import { expect, test } from 'vitest'
import { explainSmiFailure } from '#workers/device/explain-smi-failure.ts'

test.each([
  [
    9,
    "NVIDIA-SMI has failed because it couldn't communicate with the NVIDIA driver. Make sure that the latest NVIDIA driver is installed and running.\n\n",
    'no_driver'
  ],
  [
    18,
    'Failed to initialize NVML: Driver/library version mismatch\nNVML library version: 580.173\n',
    'driver_mismatch'
  ],
  [0, 'No devices were found\n', 'no_devices'],
  [6, 'No devices were found\n', 'no_devices'],
  [2, 'Field "clocks_event_reasons.active" is not a valid field to query.\n\n', 'fails'],
  [255, 'Failed to initialize NVML: Unknown Error\n', 'fails'],
  [15, 'Unable to determine the device handle for GPU 0000:01:00.0: GPU is lost.  Reboot the system\n', 'fails'],
  [127, '', 'fails'],
  [null, '', 'fails']
])('exit code %s with %j: %s', (code, stdout, kind) => {
  expect(explainSmiFailure({ code, stdout, stderr: '' })?.kind).toBe(kind)
})

test('an answer is no failure', () => {
  expect(explainSmiFailure({ code: 0, stdout: 'GPU-1, 0\n', stderr: 'a warning' })).toBeNull()
})

test('what was said is kept, in one line', () => {
  const failure = explainSmiFailure({ code: 1, stdout: '\n', stderr: 'bad\u001b[2J\nmore' })

  expect(failure).toEqual({ kind: 'fails', reason: 'bad [2J' })
})
