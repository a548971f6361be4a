import { CONFIG_PATH } from '#src/config/config-path.ts'
import { FROM_LOCKFILE } from '#src/config/sessions.schema.ts'
import type { PackageTexts } from './pin-engines.ts'
import type { ConfigTexts } from './resolve-configs.ts'

export interface ComparedCommits {
  readonly baseTipSha: string
  readonly mergeBaseSha: string
  readonly headSha: string
}

/** @param read the text of one file of one commit; null where there is none */
export async function readConfigTexts(
  read: (path: string, sha: string) => Promise<string | null>,
  { baseTipSha, mergeBaseSha, headSha }: ComparedCommits
): Promise<ConfigTexts> {
  const [policy, candidate] = await Promise.all([read(CONFIG_PATH, baseTipSha), read(CONFIG_PATH, headSha)])
  const baseline = mergeBaseSha === baseTipSha ? policy : await read(CONFIG_PATH, mergeBaseSha)
  const texts = { policy, baseline, candidate }
  const mayAsk = [policy, baseline, candidate].some((text) => text?.includes(FROM_LOCKFILE))
  if (!mayAsk) return texts
  const readPackages = async (sha: string): Promise<PackageTexts> => {
    const [packageJson, lock] = await Promise.all([read('package.json', sha), read('package-lock.json', sha)])
    return { packageJson, lock: lock ?? (await read('npm-shrinkwrap.json', sha)) }
  }
  const packages = { baseline: await readPackages(mergeBaseSha), candidate: await readPackages(headSha) }
  return { ...texts, packages }
}
