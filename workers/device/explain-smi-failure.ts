import { limitLine } from './fingerprint.ts'

/** Why nvidia-smi tells nothing. */
export type SmiFailure =
  | { readonly kind: 'no_program' }
  /** The program is there, the kernel module does not answer. */
  | { readonly kind: 'no_driver'; readonly reason: string }
  /** The module that runs is of another version than the libraries, as after an update without a restart. */
  | { readonly kind: 'driver_mismatch'; readonly reason: string }
  | { readonly kind: 'no_devices' }
  /** It did not answer in time; a GPU that fell off the bus, or a driver that waits for it. */
  | { readonly kind: 'hangs'; readonly timeoutMs: number }
  | { readonly kind: 'fails'; readonly reason: string }

const REASON_MAX_CHARACTERS = 300

interface SmiEnd {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/**
 * What went wrong, or null. nvidia-smi prints its errors to stdout, and one of them (no devices) has exit code 0 or 6,
 * depending on the driver. Exit codes: nvidia-smi(1) "RETURN VALUE".
 */
export function explainSmiFailure({ code, stdout, stderr }: SmiEnd): SmiFailure | null {
  if (/^No devices (?:were )?found\.?\s*$/im.test(stdout)) return { kind: 'no_devices' }
  if (code === 0) return null
  const lines = `${stdout}\n${stderr}`.split('\n').filter((line) => line.trim() !== '')
  const reason = limitLine(lines[0] ?? `exit code ${code ?? 'none'}`, REASON_MAX_CHARACTERS)
  if (/couldn't communicate with the NVIDIA driver|driver not loaded/i.test(reason))
    return { kind: 'no_driver', reason }
  if (/version mismatch/i.test(reason)) return { kind: 'driver_mismatch', reason }
  return { kind: 'fails', reason }
}
