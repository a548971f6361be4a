import { broken, type Finding, fine, warning } from './finding.ts'

export type DataDirProbe =
  /** `openPath`: the folder, or that of the calibrations in it, where others may write; null where neither is open. */
  | { readonly kind: 'writable'; readonly path: string; readonly openPath: string | null }
  /** It is not there, and can be made. */
  | { readonly kind: 'absent'; readonly path: string }
  | { readonly kind: 'unusable'; readonly path: string; readonly reason: string }

export function judgeDataDir(probe: DataDirProbe): Finding {
  switch (probe.kind) {
    case 'writable':
      return probe.openPath === null
        ? fine('data folder', `${probe.path} can be written`)
        : warning(
            'data folder',
            `others may write to ${probe.openPath}, also to what this machine says of its own error`,
            `chmod go-w ${probe.openPath}`
          )
    case 'absent':
      return fine('data folder', `${probe.path} is not there yet; it will be made`)
    case 'unusable':
      return broken(
        'data folder',
        `${probe.path} cannot be written (${probe.reason})`,
        'Set DATA_DIR to a folder that this user may write to.'
      )
    default:
      return probe satisfies never
  }
}

export type RedisProbe =
  | { readonly kind: 'not_set' }
  | { readonly kind: 'fit'; readonly address: string }
  | { readonly kind: 'may_evict'; readonly address: string; readonly policy: string }
  /** Not reachable, too old or no address. The message holds no password. */
  | { readonly kind: 'unfit'; readonly message: string }

export function judgeRedis(probe: RedisProbe): Finding {
  switch (probe.kind) {
    case 'not_set':
      return fine('Redis', 'REDIS_URL is not set: the queue is kept in Postgres')
    case 'fit':
      return fine('Redis', `${probe.address} answers, is new enough and evicts nothing`)
    case 'may_evict':
      return warning(
        'Redis',
        `${probe.address} may evict jobs: its memory policy is ${probe.policy}`,
        'redis-cli CONFIG SET maxmemory-policy noeviction, and the same in its configuration.'
      )
    case 'unfit':
      return broken('Redis', probe.message, 'Correct REDIS_URL, start Redis, or install 6.2 or newer.')
    default:
      return probe satisfies never
  }
}

export type DatabaseProbe =
  | { readonly kind: 'not_set' }
  | { readonly kind: 'answers'; readonly address: string; readonly version: string }
  | { readonly kind: 'unreachable'; readonly address: string; readonly reason: string }

export function judgeDatabase(probe: DatabaseProbe): Finding {
  switch (probe.kind) {
    case 'not_set':
      return fine('Postgres', 'DATABASE_URL is not set: a bot here keeps its own below the data folder')
    case 'answers':
      return fine('Postgres', `${probe.address} answers, version ${probe.version}`)
    case 'unreachable':
      return broken(
        'Postgres',
        `${probe.address} cannot be used: ${probe.reason}`,
        'Correct DATABASE_URL, or start the server.'
      )
    default:
      return probe satisfies never
  }
}

export type BotProbe =
  | { readonly kind: 'not_set' }
  | { readonly kind: 'unreachable'; readonly address: string; readonly reason: string }
  /** It answers, but not as the bot does. */
  | { readonly kind: 'not_the_bot'; readonly address: string; readonly status: number }
  | { readonly kind: 'unhealthy'; readonly address: string }
  | { readonly kind: 'no_token'; readonly address: string }
  | { readonly kind: 'token_refused'; readonly address: string }
  | { readonly kind: 'fit'; readonly address: string }

export function judgeBot(probe: BotProbe): Finding {
  switch (probe.kind) {
    case 'not_set':
      return fine('bot', 'BOT_URL is not set: this is not a worker on a machine of its own')
    case 'unreachable':
      return broken('bot', `${probe.address} cannot be reached: ${probe.reason}`, 'Correct BOT_URL, or start the bot.')
    case 'not_the_bot':
      return broken(
        'bot',
        `${probe.address} answers ${probe.status}, which no bot of this version does`,
        'Set BOT_URL to the bot’s own address, not to the proxy before it.'
      )
    case 'unhealthy':
      return broken('bot', `${probe.address} answers, but its database does not`, 'See the bot’s log.')
    case 'no_token':
      return broken(
        'bot',
        `${probe.address} answers, but WORKER_TOKEN is not set`,
        'Set the same WORKER_TOKEN as on the bot.'
      )
    case 'token_refused':
      return broken('bot', `${probe.address} refuses this worker’s token`, 'Set the same WORKER_TOKEN as on the bot.')
    case 'fit':
      return fine('bot', `${probe.address} answers and accepts this worker’s token`)
    default:
      return probe satisfies never
  }
}
