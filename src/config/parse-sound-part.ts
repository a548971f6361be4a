import type { z } from 'zod'
import { TailgateConfig } from './config.schema.ts'

/** A `default` session always exists; a model that names none uses it. */
export function withDefaultSession(config: TailgateConfig): TailgateConfig {
  if (Object.hasOwn(config.sessions, 'default')) return config
  const defaults = TailgateConfig.shape.sessions.parse({ default: {} })
  return { ...config, sessions: { ...defaults, ...config.sessions } }
}

/**
 * The configuration without the parts that have issues, so that mistakes across keys show together with those inside
 * them. A model or session with an issue keeps its id, because others may name it. Null when too little is left to say
 * anything true.
 */
export function parseSoundPart(data: unknown, issues: readonly z.core.$ZodIssue[]): TailgateConfig | null {
  const copy: unknown = structuredClone(data)
  if (!isMapping(copy)) return null
  for (const issue of issues) {
    if (!removeUnsound(copy, issue)) return null
  }
  const parsed = TailgateConfig.safeParse(copy)
  return parsed.success ? withDefaultSession(parsed.data) : null
}

/** Changes `copy`, which is ours; false when the rest cannot be judged without the part. */
function removeUnsound(copy: Record<string, unknown>, issue: z.core.$ZodIssue): boolean {
  const [section, id] = issue.path
  if (section === undefined) {
    const unknownKeys = issue.code === 'unrecognized_keys' ? issue.keys : []
    for (const key of unknownKeys) delete copy[key]
    return unknownKeys.length > 0
  }
  if (section === 'version') {
    copy.version = 1
    return true
  }
  if (section !== 'models' && section !== 'sessions') {
    delete copy[String(section)]
    return true
  }
  const entries = copy[section]
  if (id === undefined || issue.code === 'invalid_key' || !isMapping(entries)) return false
  entries[String(id)] = section === 'models' ? { path: 'unsound' } : {}
  return true
}

function isMapping(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
