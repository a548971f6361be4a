import { UsageError } from '../exit-codes.ts'

/** A slowdown that is put on the candidate on purpose. */
export interface Injection {
  /** Work as a part of the request's own median latency: 0.05. */
  readonly fraction: number
  /** Share of the requests that get it; 1 is all. */
  readonly share: number
}

const PATTERN = /^(\d+(?:\.\d+)?) ?%(?:@(\d+(?:\.\d+)?) ?%)?$/
const MAX_PERCENT = 1000

/**
 * Reads `5%` (every request) or `50%@3%` (a random 3 % of them). 0 % is identical code.
 *
 * @throws {UsageError}
 */
export function parseInjection(text: string): Injection {
  const match = PATTERN.exec(text.trim())
  if (match === null) {
    const meant = /^\d+(?:\.\d+)?$/.test(text.trim()) ? ` Did you mean ${text.trim()}%?` : ''
    throw new UsageError(
      `--inject: "${text}" is no slowdown.${meant} Write 5% for all requests, or 50%@3% for a random 3 % of them.`
    )
  }
  const percent = Number(match[1])
  const sharePercent = Number(match[2] ?? '100')
  if (percent > MAX_PERCENT) {
    throw new UsageError(`--inject: ${percent} % is more than ${MAX_PERCENT} %. Give a smaller slowdown.`)
  }
  if (sharePercent <= 0 || sharePercent > 100) {
    throw new UsageError(
      `--inject: a share of ${sharePercent} % is not possible. Give more than 0 % and at most 100 %.`
    )
  }
  return { fraction: percent / 100, share: sharePercent / 100 }
}

/** Names the slowdown in case ids: `slower-5pct`, `tail-3pct-of-requests-50pct-slower`. */
export function injectionId({ fraction, share }: Injection): string {
  const percent = printPercent(fraction)
  return share === 1 ? `slower-${percent}pct` : `tail-${printPercent(share)}pct-of-requests-${percent}pct-slower`
}

/** For people: `5 % on every request`. */
export function describeInjection({ fraction, share }: Injection): string {
  if (fraction === 0) return 'nothing (identical code)'
  const requests = share === 1 ? 'every request' : `a random ${printPercent(share)} % of the requests`
  return `${printPercent(fraction)} % on ${requests}`
}

function printPercent(ratio: number): string {
  return String(Number((100 * ratio).toPrecision(6)))
}
