import { execFileSync } from 'node:child_process'

/** Why tests with the real git-lfs cannot run here, to be put into their names; null where they can. */
export function findGitLfs(): string | null {
  try {
    execFileSync('git-lfs', ['version'], { env: { PATH: '/usr/local/bin:/usr/bin:/bin' }, stdio: 'ignore' })
    return null
  } catch {
    return 'git-lfs is not installed'
  }
}
