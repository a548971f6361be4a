import {
  ARM64_ENTRIES,
  ConfigEntry,
  configEntryValues,
  isConfigEntryValue,
  type SessionSpec
} from '#contracts/session.ts'
import { type Refusal, refuse } from '#workers/side/plan-values.ts'

/**
 * Finds a session option that cannot have its effect here. ONNX Runtime ignores most of these without a word, and what was
 * measured would not be what was asked for.
 *
 * @param architecture as `process.arch` has it
 */
export function findUselessOption(session: SessionSpec, architecture: string): Refusal | null {
  const { executionProvider, deviceId } = session
  if (deviceId !== 0 && (executionProvider === 'cpu' || executionProvider === 'webgpu')) {
    return refuse(
      `The session asks for device ${deviceId} of ${executionProvider}, and onnxruntime-node takes a device for cuda and tensorrt only.`,
      'Leave `device_id` out, or use another execution provider.'
    )
  }
  for (const [name, value] of Object.entries(session.configEntries)) {
    const entry = ConfigEntry.parse(name)
    if (!isConfigEntryValue(entry, value)) {
      return refuse(
        `The session sets \`${entry}\` to ${JSON.stringify(value)}, and it takes ${configEntryValues(entry)}.`,
        'Correct it under `config_entries` of the session.'
      )
    }
    if (ARM64_ENTRIES.has(entry) && architecture !== 'arm64') {
      return refuse(
        `The session sets \`${entry}\`, which only arm64 processors have, and this one is ${architecture}.`,
        'Leave it out, or measure on an arm64 worker.'
      )
    }
  }
  return null
}
