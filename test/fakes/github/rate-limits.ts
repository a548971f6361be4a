import type { Actor } from './authentication.ts'
import { GitHubError } from './github-error.ts'

export interface RateLimits {
  /** Counts one request of `actor` and gives the headers that tell it what is left; throws 403 beyond the limit. */
  readonly count: (actor: Actor) => Readonly<Record<string, string>>
}

interface Window {
  readonly endsAtMs: number
  readonly used: number
}

const windowMs = 60 * 60 * 1000

function keyOf(actor: Actor): string {
  if (actor.kind === 'installation') return `installation ID ${actor.installation.id}`
  return actor.kind === 'app' ? `app ID ${actor.app.id}` : 'anonymous'
}

/** The primary limit: `limit` requests per hour and installation. Secondary limits are left to `fail`. */
export function createRateLimits(options: { readonly now: () => Date; readonly limit: number }): RateLimits {
  const windows = new Map<string, Window>()
  return {
    count: (actor) => {
      const key = keyOf(actor)
      const nowMs = options.now().getTime()
      const current = windows.get(key)
      const isOpen = current !== undefined && current.endsAtMs > nowMs
      const used = isOpen ? current.used + 1 : 1
      const endsAtMs = isOpen ? current.endsAtMs : nowMs + windowMs
      windows.set(key, { endsAtMs, used })
      const headers = {
        'x-ratelimit-limit': String(options.limit),
        'x-ratelimit-remaining': String(Math.max(options.limit - used, 0)),
        'x-ratelimit-reset': String(Math.ceil(endsAtMs / 1000)),
        'x-ratelimit-resource': 'core',
        'x-ratelimit-used': String(used)
      }
      if (used > options.limit) throw new GitHubError(403, `API rate limit exceeded for ${key}.`, { headers })
      return headers
    }
  }
}
