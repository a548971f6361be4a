import { z } from 'zod'
import { BYTES_PER_MIB } from '#contracts/units.ts'
import type { AllowedEngines } from '#workers/engines/engine-versions.ts'
import { DEFAULT_ALLOWED_ENGINES, parseAllowedEngines } from '#workers/engines/engine-versions.ts'
import { DEFAULT_REGISTRY_URL } from '#workers/engines/run-npm.ts'
import type { LfsLimits } from './fetch-lfs-objects.ts'

const Mib = wholeNumber(1024 ** 2)

const EngineVersions = z
  .string()
  .transform((text, context): AllowedEngines => {
    const result = parseAllowedEngines(text)
    if (result.ok) return result.allowed
    context.addIssue({ code: 'custom', message: result.problem })
    return z.NEVER
  })
  .default(DEFAULT_ALLOWED_ENGINES)

/** What an operator sets about fetching models and engines, by the names of the environment. */
export const SOURCE_SETTINGS = {
  /** Most that one Git LFS object may have. */
  LFS_OBJECT_MAX_MIB: Mib.default(4096),
  /** Most that all objects of one commit may have together. */
  LFS_TOTAL_MAX_MIB: Mib.default(8192),
  /** Releases of onnxruntime-node that may be installed: `none`, `>=1.24.1`, `1.24.1 - 1.30.0` or `1.29.0, 1.30.0`. */
  ENGINE_VERSIONS: EngineVersions,
  ENGINE_REGISTRY: z.url({ protocol: /^https?$/, error: 'must be an http(s) address' }).default(DEFAULT_REGISTRY_URL),
  /** How many installed engines stay, besides those of the last day. */
  ENGINES_KEEP: wholeNumber(100).default(5)
} as const

const SourceSettings = z.object(SOURCE_SETTINGS)
export type SourceSettings = z.infer<typeof SourceSettings>

/** Limits of Git LFS in bytes. */
export function readLfsLimits(settings: SourceSettings): Required<LfsLimits> {
  return {
    objectMaxBytes: settings.LFS_OBJECT_MAX_MIB * BYTES_PER_MIB,
    totalMaxBytes: settings.LFS_TOTAL_MAX_MIB * BYTES_PER_MIB
  }
}

function wholeNumber(most: number) {
  const rule = `must be a whole number from 1 to ${most}`
  return z.coerce.number(rule).int(rule).min(1, rule).max(most, rule)
}
