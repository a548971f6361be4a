import { JUDGED_KEYS, type TailgateConfig } from '#src/config/config.schema.ts'
import { definedKeys, isMapping, isSame } from './is-same.ts'

/**
 * Dotted keys of judging settings that the pull request edits and that would judge it otherwise than the base branch does:
 * the candidate differs from its baseline and from the policy. A branch that is merely older than a change of the
 * policy edits nothing.
 */
export function findPolicyEdits(configs: {
  readonly policy: TailgateConfig
  readonly baseline: TailgateConfig
  readonly candidate: TailgateConfig
}): string[] {
  const { policy, baseline, candidate } = configs
  const edits: string[] = []
  for (const key of JUDGED_KEYS) {
    const differences = findDifferences(key, policy[key], candidate[key])
    const ownEdits = findDifferences(key, baseline[key], candidate[key])
    edits.push(...differences.filter((path) => ownEdits.some((edit) => isSameOrBelow(path, edit))))
  }
  return edits
}

/** The shortest dotted paths at which two values differ. Lists count as one value. */
function findDifferences(path: string, left: unknown, right: unknown): readonly string[] {
  if (!isMapping(left) || !isMapping(right)) return isSame(left, right) ? [] : [path]
  const keys = new Set([...definedKeys(left), ...definedKeys(right)])
  return [...keys].flatMap((key) => findDifferences(`${path}.${key}`, left[key], right[key]))
}

function isSameOrBelow(left: string, right: string): boolean {
  return left === right || left.startsWith(`${right}.`) || right.startsWith(`${left}.`)
}
