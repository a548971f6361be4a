import {
  type Holder,
  type ReleaseLock,
  type TriedLock,
  tryLock,
  type WaitOptions,
  waitForLock
} from '#workers/measuring-lock.ts'

/**
 * One job per device, however many workers this machine has and wherever their data lies: the lock is named by the device and
 * not by a data folder. It lives beside the measuring lock, in the same way and with the same limits (one network namespace).
 *
 * @param deviceId UUID of a GPU or of a slice of one
 */
export function tryDeviceLock(deviceId: string, work: Holder['work']): Promise<TriedLock> {
  return tryLock({ dataDirectory: deviceLockName(deviceId), work })
}

/** The same, in its turn; it comes back at once when aborted. */
export function waitForDeviceLock(deviceId: string, options: Omit<WaitOptions, 'dataDirectory'>): Promise<ReleaseLock> {
  return waitForLock({ ...options, dataDirectory: deviceLockName(deviceId) })
}

/** The measuring lock takes the path of a folder for its name, whether it exists or not; this one never does. */
export function deviceLockName(deviceId: string): string {
  return `/tailgate-device/${encodeURIComponent(deviceId)}`
}
