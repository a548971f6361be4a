import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { z } from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')

const Service = z.strictObject({
  image: z.string(),
  build: z.strictObject({ context: z.literal('.'), target: z.string() }).optional(),
  restart: z.literal('unless-stopped').optional(),
  profiles: z.tuple([z.literal('tools')]).optional(),
  hostname: z.string().optional(),
  init: z.boolean().optional(),
  command: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()),
  secrets: z.array(z.string()).optional(),
  ports: z.array(z.string()).optional(),
  volumes: z.array(z.string()),
  networks: z.array(z.string()),
  depends_on: z.record(z.string(), z.strictObject({ condition: z.literal('service_healthy') })).optional(),
  healthcheck: z
    .strictObject({
      test: z.array(z.string()).min(2),
      interval: z.string(),
      timeout: z.string(),
      start_period: z.string(),
      retries: z.int().positive()
    })
    .optional(),
  read_only: z.boolean().optional(),
  tmpfs: z.array(z.string()).optional(),
  cap_drop: z.array(z.string()).optional(),
  security_opt: z.array(z.string()),
  stop_grace_period: z.string().optional()
})

/** The keys this project uses, strictly: a misspelt key would be ignored by nobody but a reader. */
const Compose = z.strictObject({
  name: z.string(),
  services: z.record(z.string(), Service),
  secrets: z.record(z.string(), z.strictObject({ file: z.string() })),
  networks: z.record(z.string(), z.strictObject({ internal: z.literal(true).optional() })),
  volumes: z.record(z.string(), z.null())
})

const text = readFileSync(join(ROOT, 'docker-compose.yml'), 'utf8')
const compose = Compose.parse(parse(text))
const services = Object.entries(compose.services)

function readService(name: string): z.infer<typeof Service> {
  return Service.parse(compose.services[name])
}

function interpolatedVariables(yaml: string): readonly string[] {
  return [...new Set([...yaml.matchAll(/\$\{([A-Z_]+)/g)].flatMap((match) => match[1] ?? []))].sort()
}

describe('docker-compose.yml', () => {
  test('runs bot, worker, redis and postgres, each with a health check, and starts them again', () => {
    const running = services.filter(([, { profiles }]) => profiles === undefined)
    expect(running.map(([name]) => name).sort()).toEqual(['bot', 'postgres', 'redis', 'worker'])
    expect(
      running.filter(([, { healthcheck, restart }]) => healthcheck === undefined || restart === undefined)
    ).toEqual([])
  })

  test('has tools that see the machine, the queue and the calibrations as the worker does', () => {
    const [tools, worker] = [readService('tools'), readService('worker')]
    expect(tools.profiles).toEqual(['tools'])
    for (const key of ['hostname', 'environment', 'security_opt', 'cap_drop', 'init'] as const) {
      expect(tools[key]).toEqual(worker[key])
    }
    expect(worker.volumes).toEqual(expect.arrayContaining(tools.volumes))
    expect(tools.volumes).toEqual([`calibrations:${worker.environment.DATA_DIR}`])
  })

  test.each(services)('%s has an image of an exact version', (_name, { image, build }) => {
    const pattern = build === undefined ? /^[a-z]+:\d+\.\d+(?:\.\d+)?-bookworm$/ : /^tailgate-[a-z]+:\d+\.\d+\.\d+$/
    expect(image).toMatch(pattern)
  })

  test.each(services)('%s has no secret in it', (_name, { environment, command }) => {
    for (const [name, value] of Object.entries(environment)) {
      if (/SECRET|TOKEN|PASSWORD|AUTH/.test(name)) expect(value).toMatch(/^\$\{[A-Z_]+:\?[^}]+\}$/)
      if (/_URL$/.test(name) && value.includes('@')) expect(value).toMatch(/:\$\{[A-Z_]+:\?[^}]+\}@/)
      if (/KEY/.test(name)) expect(value).toMatch(/^\/run\/secrets\//)
    }
    const password = command?.[command.indexOf('--requirepass') + 1]
    if (command?.includes('--requirepass')) expect(password).toMatch(/^\$\{REDIS_PASSWORD:\?/)
  })

  test('a worker holds no secret of the App and cannot reach the database', () => {
    const worker = readService('worker')
    expect(Object.keys(worker.environment).sort()).toEqual([
      'BOT_URL',
      'DATA_DIR',
      'ENGINES_KEEP',
      'ENGINE_REGISTRY',
      'ENGINE_VERSIONS',
      'LFS_OBJECT_MAX_MIB',
      'LFS_TOTAL_MAX_MIB',
      'LOG_LEVEL',
      'REDIS_URL',
      'WORKER_TOKEN',
      'WORK_DIR'
    ])
    expect(worker.secrets).toBeUndefined()
    expect(worker.networks.filter((network) => readService('postgres').networks.includes(network))).toEqual([])
    expect(worker.networks.filter((network) => readService('bot').networks.includes(network))).toContain('queue')
  })

  test.each(['redis', 'postgres'])('%s has no way out and no published port', (name) => {
    const { networks, ports } = readService(name)
    expect(networks.every((network) => compose.networks[network]?.internal === true)).toBe(true)
    expect(ports).toBeUndefined()
  })

  test('only the bot is published, on loopback', () => {
    const published = services.filter(([, { ports }]) => ports !== undefined)
    expect(published.map(([name]) => name)).toEqual(['bot'])
    expect(readService('bot').ports?.every((port) => port.startsWith('127.0.0.1:'))).toBe(true)
  })

  test('redis keeps its jobs', () => {
    const command = readService('redis').command?.join(' ')
    expect(command).toContain('--appendonly yes')
    expect(command).toContain('--maxmemory-policy noeviction')
  })

  test.each(services)('what %s names is declared', (_name, { networks, volumes, secrets, depends_on, build }) => {
    expect(Object.keys(compose.networks)).toEqual(expect.arrayContaining(networks))
    expect(Object.keys(compose.volumes)).toEqual(expect.arrayContaining(volumes.map((volume) => volume.split(':')[0])))
    expect(Object.keys(compose.secrets)).toEqual(expect.arrayContaining(secrets ?? []))
    expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(Object.keys(depends_on ?? {})))
    if (build !== undefined) {
      expect(readFileSync(join(ROOT, 'Dockerfile'), 'utf8')).toMatch(new RegExp(`^FROM .* AS ${build.target}$`, 'm'))
    }
  })

  test('every variable it asks for is explained in .env.example', () => {
    const example = readFileSync(join(ROOT, '.env.example'), 'utf8')
    const listed = [...example.matchAll(/^([A-Z_]+)=/gm)].map((match) => match[1])
    expect(listed).toEqual(expect.arrayContaining([...interpolatedVariables(text)]))
  })
})
