import type { TailgateConfig } from '#src/config/config.schema.ts'
import { CONFIG_PATH } from '#src/config/config-path.ts'
import { FROM_LOCKFILE } from '#src/config/sessions.schema.ts'
import { findEngineVersion } from '#src/engine-version/find-engine-version.ts'
import type { ConfigProblem } from '#src/report/outcome.ts'

/** What npm reads of one commit; null where there is no such file. */
export interface PackageTexts {
  readonly packageJson: string | null
  readonly lock: string | null
}

export type PinnedConfig =
  | { readonly kind: 'pinned'; readonly config: TailgateConfig }
  | { readonly kind: 'unclear'; readonly problems: readonly ConfigProblem[] }

/** The configuration with the version that the commit pins in place of `from_lockfile`. */
export function pinEngines(config: TailgateConfig, { packageJson, lock }: PackageTexts): PinnedConfig {
  const asking = listAsking(config)
  if (asking.length === 0) return { kind: 'pinned', config }
  const found = findEngineVersion(packageJson, lock)
  if (found.kind !== 'found') {
    const message =
      found.kind === 'absent'
        ? 'the commit does not depend on onnxruntime-node, so there is no version to take; name one, or remove the key'
        : `${found.problem} ${found.hint}`
    const problems = asking.map((id) => ({
      file: CONFIG_PATH,
      line: 1,
      key: `sessions.${id}.engine_version`,
      message
    }))
    return { kind: 'unclear', problems }
  }
  const sessions = Object.fromEntries(
    Object.entries(config.sessions).map(([id, session]) => [
      id,
      session.engine_version === FROM_LOCKFILE ? { ...session, engine_version: found.version } : session
    ])
  )
  return { kind: 'pinned', config: { ...config, sessions } }
}

function listAsking({ sessions }: TailgateConfig): readonly string[] {
  return Object.entries(sessions).flatMap(([id, { engine_version }]) => (engine_version === FROM_LOCKFILE ? [id] : []))
}
