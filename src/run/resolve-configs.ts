import type { Side } from '#contracts/identifiers.ts'
import type { TailgateConfig } from '#src/config/config.schema.ts'
import { CONFIG_PATH } from '#src/config/config-path.ts'
import { parseConfig } from '#src/config/parse-config.ts'
import type { Outcome } from '#src/report/outcome.ts'
import { type PackageTexts, pinEngines } from './pin-engines.ts'

/** The text of `.github/tailgate.yml` at three commits; null where there is no such file. */
export interface ConfigTexts {
  /** At the tip of the base branch: how to judge. */
  readonly policy: string | null
  /** At the merge base: what the baseline measures. */
  readonly baseline: string | null
  /** At the head: what the candidate measures. */
  readonly candidate: string | null
  /** Read where a configuration takes its engine from them. */
  readonly packages?: Readonly<Record<Side, PackageTexts>>
}

export interface ResolvedConfigs {
  readonly policy: TailgateConfig
  readonly baseline: TailgateConfig
  readonly candidate: TailgateConfig
}

export type ConfigResolution =
  | { readonly kind: 'ready'; readonly configs: ResolvedConfigs }
  | { readonly kind: 'outcome'; readonly outcome: Outcome }

/**
 * Decides which configuration each role uses. A side without one of its own (a branch older than the configuration)
 * borrows the base branch's; a pull request that deletes the file is not measured and does not pass.
 */
export function resolveConfigs(texts: ConfigTexts): ConfigResolution {
  if (texts.candidate === null && texts.baseline !== null && texts.policy !== null) return noConfig('head')
  if (texts.policy === null) return resolveWithoutPolicy(texts.candidate)
  const policy = parseConfig(texts.policy, { file: CONFIG_PATH })
  const candidate = parseConfig(texts.candidate ?? texts.policy, { file: CONFIG_PATH })
  if (!policy.ok) {
    // A pull request that repairs a broken base configuration must be able to land.
    if (candidate.ok) return noConfig('base')
    return invalid('base', policy.problems)
  }
  if (!candidate.ok) return invalid('head', candidate.problems)
  const baseline = parseConfig(texts.baseline ?? texts.policy, { file: CONFIG_PATH })
  return pinBoth(
    { policy: policy.config, candidate: candidate.config, baseline: baseline.ok ? baseline.config : policy.config },
    texts.packages ?? { baseline: NO_PACKAGES, candidate: NO_PACKAGES }
  )
}

const NO_PACKAGES: PackageTexts = { packageJson: null, lock: null }

function pinBoth(configs: ResolvedConfigs, packages: Readonly<Record<Side, PackageTexts>>): ConfigResolution {
  const candidate = pinEngines(configs.candidate, packages.candidate)
  if (candidate.kind === 'unclear') return invalid('head', candidate.problems)
  const baseline = pinEngines(configs.baseline, packages.baseline)
  if (baseline.kind === 'unclear') return invalid('base', baseline.problems)
  return { kind: 'ready', configs: { ...configs, candidate: candidate.config, baseline: baseline.config } }
}

function resolveWithoutPolicy(candidateText: string | null): ConfigResolution {
  if (candidateText === null) return noConfig('both')
  const candidate = parseConfig(candidateText, { file: CONFIG_PATH })
  return candidate.ok ? noConfig('base') : invalid('head', candidate.problems)
}

function noConfig(where: 'both' | 'base' | 'head'): ConfigResolution {
  return { kind: 'outcome', outcome: { kind: 'no_config', where } }
}

function invalid(
  where: 'base' | 'head',
  problems: Extract<Outcome, { kind: 'config_invalid' }>['problems']
): ConfigResolution {
  return { kind: 'outcome', outcome: { kind: 'config_invalid', where, problems } }
}
