import { generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { readBotEnvironment } from '#src/env.ts'
import { readMeasuringSettings, readWorkerEnvironment } from '#workers/env.ts'

const { privateKey } = generateKeyPairSync('rsa', {
  modulusLength: 2048,
  privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  publicKeyEncoding: { type: 'spki', format: 'pem' }
})
const SECRET = 'f'.repeat(32)
const COMPLETE = { APP_ID: '12', PRIVATE_KEY: privateKey, WEBHOOK_SECRET: SECRET }

function problemsOf(changes: Record<string, string>): string {
  const result = readBotEnvironment({ ...COMPLETE, ...changes })
  return result.ok ? 'none' : result.problems.join('\n')
}

test('three settings are enough, and the rest has defaults', () => {
  const result = readBotEnvironment(COMPLETE)

  expect(result).toMatchObject({
    ok: true,
    environment: { apiUrl: 'https://api.github.com', host: '127.0.0.1', port: 3000, redisUrl: null, databaseUrl: null }
  })
})

test.each([
  ['is missing', '', 'is empty'],
  ['is short', 'abc', 'has 3 characters'],
  ['is what Probot falls back to', 'development', 'is a placeholder'],
  ['is a placeholder made longer', 'development-secret-of-mine', 'is a placeholder']
])('refuses a webhook secret that %s, and names the variable', (_name, secret, text) => {
  expect(problemsOf({ WEBHOOK_SECRET: secret })).toMatch(new RegExp(`^WEBHOOK_SECRET: .*${text}`))
})

test('never shows a secret that it refuses', () => {
  expect(problemsOf({ WEBHOOK_SECRET: 'sh0rt!', WORKER_TOKEN: 't0ken!' })).not.toMatch(/sh0rt|t0ken/)
})

test.each([
  [{ APP_ID: 'twelve' }, /^APP_ID: /],
  [{ PRIVATE_KEY: 'no key' }, /^PRIVATE_KEY: is not a PEM private key/],
  [{ PRIVATE_KEY: '' }, /^PRIVATE_KEY: neither/],
  [{ PRIVATE_KEY: '', PRIVATE_KEY_PATH: '/nowhere.pem' }, /^PRIVATE_KEY_PATH: the file cannot be read/],
  [{ PORT: '70000' }, /^PORT: /],
  [{ REDIS_URL: 'localhost:6379' }, /^REDIS_URL: must start with redis/],
  [{ DATABASE_URL: 'mysql://x' }, /^DATABASE_URL: must start with postgres/],
  [{ REDIS_URL: 'redis://localhost' }, /^WORKER_TOKEN: is not set/]
])('%j is refused by name', (changes, problem) => {
  expect(problemsOf(changes)).toMatch(problem)
})

test('takes the key with escaped line breaks and as base64, as hosting panels store it', () => {
  expect(problemsOf({ PRIVATE_KEY: privateKey.replaceAll('\n', '\\n') })).toBe('none')
  expect(problemsOf({ PRIVATE_KEY: Buffer.from(privateKey).toString('base64') })).toBe('none')
})

test('hands the settings of its own worker on, and nothing else', () => {
  const result = readBotEnvironment({ ...COMPLETE, NVIDIA_SMI: '/opt/smi', ENGINES_KEEP: '', AWS_SECRET: 'x' })

  expect(result).toMatchObject({ ok: true, environment: { workerSettings: { NVIDIA_SMI: '/opt/smi' } } })
  expect(result.ok && Object.keys(result.environment.workerSettings)).toEqual(['NVIDIA_SMI'])
})

test('a worker knows where engines are kept, what may be fetched and where nvidia-smi is', () => {
  const settings = readMeasuringSettings({
    DATA_DIR: '/data',
    ENGINE_VERSIONS: '1.29.0',
    LFS_OBJECT_MAX_MIB: '1',
    NVIDIA_SMI: '/opt/smi',
    LD_LIBRARY_PATH: '/opt/cuda/lib64:'
  })

  expect(settings).toMatchObject({
    engines: { directory: '/data/engines', npm: { registryUrl: 'https://registry.npmjs.org/' }, keep: 5 },
    lfs: { objectMaxBytes: 1024 ** 2, totalMaxBytes: 8 * 1024 ** 3 },
    nvidiaSmi: '/opt/smi',
    libraryPath: ['/opt/cuda/lib64']
  })
})

test.each([
  [{ NVIDIA_SMI: 'nvidia-smi' }, /NVIDIA_SMI: must be an absolute path/],
  [{ LFS_TOTAL_MAX_MIB: 'much' }, /LFS_TOTAL_MAX_MIB: must be a whole number/],
  [{ ENGINE_VERSIONS: 'all' }, /ENGINE_VERSIONS: /]
])('measuring with %j is refused by name', (variables, problem) => {
  expect(() => readMeasuringSettings(variables)).toThrow(problem)
})

test('lives on an Enterprise Server when GHE_HOST is set', () => {
  const result = readBotEnvironment({ ...COMPLETE, GHE_HOST: 'github.example.com' })

  expect(result).toMatchObject({
    ok: true,
    environment: { githubUrl: 'https://github.example.com', apiUrl: 'https://github.example.com/api/v3' }
  })
})

test.each([
  [{ REDIS_URL: 'redis://r', WORKER_TOKEN: SECRET }, /^BOT_URL: /],
  [{ REDIS_URL: 'redis://r', BOT_URL: 'http://bot:3000' }, /^WORKER_TOKEN: /],
  [{ BOT_URL: 'http://bot:3000', WORKER_TOKEN: SECRET }, /^REDIS_URL: neither REDIS_URL nor DATABASE_URL/]
])('a worker with only %j is refused by name', (variables, problem) => {
  const result = readWorkerEnvironment(variables)

  expect(result.ok ? 'none' : result.problems.join('\n')).toMatch(problem)
})
