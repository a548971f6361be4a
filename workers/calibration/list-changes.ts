import type { Fingerprint } from '#contracts/fingerprint.ts'

/**
 * What a machine's own error depends on. Not the versions of Node and the operating system: ONNX Runtime computes, and
 * an update every other week would leave nobody calibrated.
 */
const DECIDING = {
  hostname: 'the host name',
  cpuModel: 'the processor',
  cpuCount: 'the number of cores',
  device: 'the device',
  onnxruntimeVersion: 'ONNX Runtime',
  sandbox: 'the sandbox'
} as const satisfies Partial<Record<keyof Fingerprint, string>>

type DecidingField = keyof typeof DECIDING

const FIELDS: readonly DecidingField[] = ['hostname', 'cpuModel', 'cpuCount', 'device', 'onnxruntimeVersion', 'sandbox']

/** How a machine differs from the one that was calibrated: `ONNX Runtime was 1.29.0, is 1.30.0`. Empty when it counts. */
export function listChanges(calibrated: Fingerprint, current: Fingerprint): string[] {
  return FIELDS.filter((field) => calibrated[field] !== current[field]).map((field) => {
    return `${DECIDING[field]} was ${calibrated[field]}, is ${current[field]}`
  })
}
