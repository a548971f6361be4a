import { expect, test } from 'vitest'
import { judgeRedis, parseRedisUrl } from '#queue/check-redis.ts'

test.each([
  ['7.0.15', 'noeviction', { kind: 'fit' }],
  ['6.2.0', 'noeviction', { kind: 'fit' }],
  ['10.0.0', 'noeviction', { kind: 'fit' }],
  ['6.0.16', 'noeviction', { kind: 'too_old', version: '6.0.16' }],
  ['5.0.14', 'allkeys-lru', { kind: 'too_old', version: '5.0.14' }],
  ['7.2.4', 'allkeys-lru', { kind: 'may_evict', policy: 'allkeys-lru' }]
])('judges Redis %s with %s', (version, policy, expected) => {
  const info = `# Server\r\nredis_version:${version}\r\nos:Linux\r\n\r\n# Memory\r\nmaxmemory_policy:${policy}\r\n`

  expect(judgeRedis(info)).toEqual(expected)
})

test('a server that hides its version is taken as fit', () => {
  expect(judgeRedis('# Server\r\nredis_mode:standalone\r\n')).toEqual({ kind: 'fit' })
})

test('what may be shown of an address leaves out user and password', () => {
  expect(parseRedisUrl('rediss://bot:hunter2@cache.example:6380/2')).toEqual({ address: 'cache.example:6380' })
})

test.each(['', 'localhost:6379', 'http://localhost', ':secret@host'])('refuses %j without repeating it', (url) => {
  expect(() => parseRedisUrl(url)).toThrow(/^REDIS_URL must be an address like redis:\/\/host:6379/)
})
