import type { Actor } from './authentication.ts'
import type { Json, JsonObject } from './json.ts'

/** A request as the stand-in got it. Tokens and JWTs are replaced by what they are. */
export interface RequestRecord {
  readonly method: string
  /** Path and query. */
  readonly url: string
  readonly operationId: string | undefined
  readonly actor: 'anonymous' | `app ${string}` | `installation of ${string} on ${string}`
  readonly headers: Readonly<Record<string, string>>
  readonly body: Json | undefined
  readonly status: number
}

export function describeActor(actor: Actor): RequestRecord['actor'] {
  if (actor.kind === 'anonymous') return 'anonymous'
  if (actor.kind === 'app') return `app ${actor.app.slug}`
  return `installation of ${actor.app.slug} on ${actor.installation.accountLogin}`
}

/** Replaces every installation token, in both of GitHub's forms. */
export function redactTokens(text: string): string {
  return text.replaceAll(/ghs_[\w.-]+/g, '[token]')
}

export function redactHeaders(
  headers: Readonly<Record<string, string | readonly string[] | undefined>>
): Readonly<Record<string, string>> {
  const kept: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value === undefined) continue
    kept[name] = name === 'authorization' ? `${String(value).split(' ')[0]} [redacted]` : redactTokens(String(value))
  }
  return kept
}

export function redactBody(body: JsonObject | undefined): Json | undefined {
  if (body === undefined) return undefined
  const parsed: Json = JSON.parse(redactTokens(JSON.stringify(body)))
  return parsed
}
