import { loadavg } from 'node:os'
import { readFingerprint } from '#workers/device/fingerprint.ts'

/** One line: what the figures were measured on, and how busy it was before. */
export async function describeMachine(sandbox: 'bubblewrap' | 'none'): Promise<string> {
  const { cpuModel, cpuCount, os, nodeVersion, onnxruntimeVersion } = await readFingerprint({ sandbox })
  const load = (loadavg()[0] ?? 0).toFixed(1)
  return `${cpuModel}, ${cpuCount} cores; ${os}; Node.js ${nodeVersion}; ONNX Runtime ${onnxruntimeVersion}; load before the run ${load}`
}
