import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  utimesSync
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type PackedPackage, packInstalledRuntime, packPackage } from '#test/fakes/npm/pack-package.ts'
import { type Registry, startRegistry } from '#test/fakes/npm/start-registry.ts'
import {
  createEngineCache,
  type EngineCacheOptions,
  type ResolvedEngine
} from '#workers/engines/create-engine-cache.ts'
import { probeBubblewrap } from '#workers/sandbox/find-bubblewrap.ts'
import { sideCommand } from '#workers/sandbox/side-command.ts'

const DAY_MS = 24 * 60 * 60 * 1000
const REAL = '1.97.0'
/** Does what the trial asks of an engine, and nothing more. */
const SMALL_ENGINE = `
  exports.Tensor = class { constructor(type, data) { this.size = data.length } }
  const session = { inputMetadata: [{ name: 'x' }], run: async ({ x }) => ({ h6: x }) }
  exports.InferenceSession = { create: async () => session }`

const probe = await probeBubblewrap()
const bubblewrap = probe.kind === 'usable' ? probe.path : null
const missing = findNpm()
const skipNote = missing === null ? '' : ` (skipped: ${missing})`

let workDirectory: string
let directory: string
let registry: Registry
let real: readonly PackedPackage[]

beforeAll(() => {
  workDirectory = realpathSync(mkdtempSync(join(tmpdir(), 'tailgate-engines-')))
  real = missing === null ? packInstalledRuntime(REAL, { scripts: { postinstall: trapScript() } }) : []
})

beforeEach(async () => {
  directory = join(mkdtempSync(join(workDirectory, 'data-')), 'engines')
  registry = await startRegistry()
})

afterEach(() => registry.close())

afterAll(() => rmSync(workDirectory, { recursive: true, force: true }))

function findNpm(): string | null {
  try {
    execFileSync('npm', ['--version'], { env: { PATH: '/usr/local/bin:/usr/bin:/bin' }, stdio: 'ignore' })
    return null
  } catch {
    return 'npm is not installed'
  }
}

function trapFile(): string {
  return join(workDirectory, 'a-script-ran')
}

function trapScript(): string {
  return `node -e "require('fs').writeFileSync('${trapFile()}', '')"`
}

/** The small engine as a release; `code` runs when it is loaded. */
function publishSmall(version: string, { code = '', manifest = {} } = {}): PackedPackage {
  const packed = packPackage(
    { name: 'onnxruntime-node', version, scripts: { install: trapScript() }, ...manifest },
    { 'index.js': `${code}\n${SMALL_ENGINE}` }
  )
  registry.publish(packed)
  return packed
}

function createCache(options: Partial<EngineCacheOptions> = {}) {
  return createEngineCache({
    directory,
    ownVersion: '1.30.0',
    sandbox: { nodePath: process.execPath, bubblewrap, setpriv: null },
    npm: { registryUrl: registry.url },
    ...options
  })
}

function resolve(version: string | null, options: Partial<EngineCacheOptions> = {}): Promise<ResolvedEngine> {
  return createCache(options).resolveEngine(version, new AbortController().signal)
}

/** Loads and runs the engine as a side does whose checkout is elsewhere. */
function runInSandbox(engineDirectory: string): unknown {
  const command = sideCommand({
    nodePath: process.execPath,
    sideProgram: join(import.meta.dirname, '../../../workers/engines/try-engine/main.ts'),
    checkoutDirectory: mkdtempSync(join(workDirectory, 'checkout-')),
    engineDirectories: [engineDirectory],
    bubblewrap
  })
  const model = join(engineDirectory, 'node_modules/.tailgate/built-in.onnx')
  const args = [...command.args, engineDirectory, model]
  return JSON.parse(execFileSync(command.program, args, { env: command.env, encoding: 'utf8' }))
}

function downloads(): readonly string[] {
  return registry.requests.map(({ path }) => path).filter((path) => path.endsWith('.tgz'))
}

describe('the worker’s own engine', () => {
  test('needs nothing, also when it is named', async () => {
    expect(await resolve(null)).toEqual({ kind: 'own' })
    expect(await resolve('1.30.0')).toEqual({ kind: 'own' })
    expect(registry.requests).toEqual([])
    expect(existsSync(directory)).toBe(false)
  })
})

describe.skipIf(missing !== null)(`an engine that is not here yet${skipNote}`, () => {
  test('is installed with its real binaries, tried in the sandbox, and its scripts never run', async () => {
    for (const packed of real) registry.publish(packed)

    const engine = await resolve(REAL)

    expect(engine).toEqual({ kind: 'installed', version: REAL, directory: join(directory, REAL) })
    const installed = join(directory, REAL, 'node_modules', 'onnxruntime-node')
    expect(readFileSync(join(installed, 'package.json'), 'utf8')).toContain(REAL)
    expect(readdirSync(join(installed, 'bin', 'napi-v6'))).toEqual([process.platform])
    expect(runInSandbox(join(directory, REAL))).toEqual({ version: REAL })
    expect(existsSync(trapFile())).toBe(false)
    expect(readdirSync(directory)).toEqual([REAL])
  })

  test('is downloaded once, also when two ask at the same time', async () => {
    publishSmall('1.29.0')

    const engines = await Promise.all([resolve('1.29.0'), resolve('1.29.0')])

    expect(engines.map(({ kind }) => kind)).toEqual(['installed', 'installed'])
    expect(await resolve('1.29.0')).toMatchObject({ kind: 'installed' })
    expect(downloads()).toHaveLength(1)
  })

  test('is asked for without anything of the worker’s environment', async () => {
    publishSmall('1.29.0')
    process.env.npm_config__authToken = 'npm_secret'
    try {
      expect(await resolve('1.29.0')).toMatchObject({ kind: 'installed' })
    } finally {
      delete process.env.npm_config__authToken
    }
    expect(registry.requests.filter(({ headers }) => headers.authorization !== undefined)).toEqual([])
  })
})

describe.skipIf(missing !== null)(`an engine that was installed${skipNote}`, () => {
  test('is used without the registry', async () => {
    publishSmall('1.29.0')
    await resolve('1.29.0')
    registry.misbehave({ kind: 'status', status: 500 })

    expect(await resolve('1.29.0')).toMatchObject({ kind: 'installed' })
  })

  test.each([
    ['a changed file', (engine: string) => appendFileSync(join(engine, 'node_modules/onnxruntime-node/index.js'), ' ')],
    ['a lost file', (engine: string) => rmSync(join(engine, 'node_modules/onnxruntime-node/index.js'))],
    ['an added file', (engine: string) => appendFileSync(join(engine, 'node_modules/onnxruntime-node/new.js'), ' ')],
    ['a lost record', (engine: string) => rmSync(join(engine, 'engine.json'))]
  ])('and has %s is installed anew', async (_what, damage) => {
    publishSmall('1.29.0')
    const cache = createCache()
    const { signal } = new AbortController()
    await cache.resolveEngine('1.29.0', signal)
    const before = readFileSync(join(directory, '1.29.0/node_modules/onnxruntime-node/index.js'), 'utf8')

    damage(join(directory, '1.29.0'))

    expect(await cache.resolveEngine('1.29.0', signal)).toMatchObject({ kind: 'installed' })
    expect(readFileSync(join(directory, '1.29.0/node_modules/onnxruntime-node/index.js'), 'utf8')).toBe(before)
    expect(downloads()).toHaveLength(2)
    expect(readdirSync(directory)).toEqual(['1.29.0'])
  })

  test('goes when it was not used for the longest time and more than a day', async () => {
    for (const version of ['1.26.0', '1.27.0', '1.28.0', '1.29.0']) publishSmall(version)
    const ageDays = { '1.26.0': 2, '1.27.0': 5, '1.28.0': 3 }
    for (const [version, days] of Object.entries(ageDays)) {
      await resolve(version)
      const date = new Date(Date.now() - days * DAY_MS)
      utimesSync(join(directory, version, 'engine.json'), date, date)
    }
    const left = join(directory, '.unfinished-left')
    mkdirSync(left)
    utimesSync(left, new Date(0), new Date(0))

    await resolve('1.29.0', { keep: 3 })
    expect(readdirSync(directory)).toEqual(['1.26.0', '1.28.0', '1.29.0'])

    // Used within the last day: a job may hold them.
    await resolve('1.26.0')
    await resolve('1.28.0')
    await resolve('1.27.0', { keep: 1 })
    expect(readdirSync(directory)).toEqual(['1.26.0', '1.27.0', '1.28.0', '1.29.0'])
  })
})

describe.skipIf(missing !== null)(`an engine that cannot be had${skipNote}`, () => {
  async function failureOf(version: string, options: Partial<EngineCacheOptions> = {}) {
    const engine = await resolve(version, options)
    if (engine.kind !== 'failed') throw new Error(`it is ${engine.kind}`)
    expect(existsSync(directory) ? readdirSync(directory) : []).toEqual([])
    expect(engine.failure.message).not.toContain(directory)
    return engine.failure
  }

  test('because it is not allowed is not asked for', async () => {
    publishSmall('1.21.1')

    expect(await failureOf('1.21.1')).toMatchObject({ code: 'engine_not_allowed' })
    expect(await failureOf('1.29.0', { allowed: { kind: 'none' } })).toMatchObject({
      message: expect.stringContaining('allows no version but its own')
    })
    expect(registry.requests).toEqual([])
  })

  test('because there is no such release: names the nearest', async () => {
    for (const version of ['1.10.0', '1.24.1', '1.25.1', '1.26.0', '1.29.0']) publishSmall(version)

    expect(await failureOf('1.28.0')).toEqual({
      code: 'engine_unknown',
      message: `onnxruntime-node 1.28.0 is not in the registry ${new URL(registry.url).host}.`,
      hint: 'Name a released version; the nearest are 1.25.1, 1.26.0, 1.29.0.'
    })
  })

  test('because the registry does not know the package says so', async () => {
    expect(await failureOf('1.28.0')).toMatchObject({ code: 'engine_unknown' })
  })

  test('because the registry fails or is gone says so', async () => {
    registry.misbehave({ kind: 'status', status: 503 })
    expect(await failureOf('1.29.0')).toMatchObject({ code: 'registry_unreachable' })
    registry.close()
    expect(await failureOf('1.29.0')).toMatchObject({ code: 'registry_unreachable' })
  })

  test('because the registry does not answer is given up in time', async () => {
    registry.misbehave({ kind: 'stalled' })

    expect(await failureOf('1.29.0', { timeoutMs: 2000 })).toMatchObject({ code: 'install_timed_out' })
  })

  test('because its bytes are not what was announced says so', async () => {
    const packed = packPackage({ name: 'onnxruntime-node', version: '1.29.0' }, {})
    registry.publish(packed, `sha512-${Buffer.alloc(64).toString('base64')}`)

    expect(await failureOf('1.29.0')).toMatchObject({ code: 'engine_damaged' })
  })

  test('because it needs another Node says which', async () => {
    publishSmall('1.29.0', { manifest: { engines: { node: '>=99' } } })

    expect(await failureOf('1.29.0')).toMatchObject({
      code: 'node_unsuitable',
      message: expect.stringContaining('>=99')
    })
  })

  test('because it does not start says why', async () => {
    publishSmall('1.29.0', { code: "throw new Error('libfoo.so is missing')" })

    expect(await failureOf('1.29.0')).toMatchObject({
      code: 'engine_unusable',
      message: expect.stringContaining('libfoo.so is missing')
    })
  })

  test('because it is another version than it says is not used', async () => {
    const packed = packPackage({ name: 'onnxruntime-node', version: '1.28.0' }, { 'index.js': SMALL_ENGINE })
    registry.publish({ ...packed, manifest: { ...packed.manifest, version: '1.29.0' } })

    expect(await failureOf('1.29.0')).toMatchObject({ message: expect.stringContaining('it says that it is version') })
  })

  test('because npm is missing says so', async () => {
    const npm = { registryUrl: registry.url, npmPath: '/nonexistent/npm' }

    expect(await failureOf('1.29.0', { npm })).toMatchObject({ code: 'npm_missing' })
  })

  test('is given up when the job is cancelled', async () => {
    registry.misbehave({ kind: 'stalled' })
    const cancel = new AbortController()
    const resolving = createCache().resolveEngine('1.29.0', cancel.signal)
    const caught = resolving.catch((reason: unknown) => reason)
    await expect.poll(() => registry.requests.length, { timeout: 60_000 }).toBeGreaterThan(0)

    cancel.abort('cancelled')

    expect(await caught).toBe('cancelled')
    expect(readdirSync(directory)).toEqual([])
  })
})

describe.skipIf(missing !== null || bubblewrap === null)(
  `a hostile engine${skipNote}${bubblewrap === null ? ' (skipped: no bubblewrap)' : ''}`,
  () => {
    test('is tried without network, environment and anything to write', async () => {
      const code = `
        const { execFileSync } = require('node:child_process')
        const fs = require('node:fs')
        const seen = Object.keys(process.env).sort().join()
        let wrote = false
        try { fs.writeFileSync(__dirname + '/x', ''); wrote = true } catch {}
        const network = Object.values(require('node:os').networkInterfaces()).flat().some((one) => !one.internal)
        throw new Error('seen ' + seen + ' wrote ' + wrote + ' network ' + network)`
      publishSmall('1.29.0', { code })

      expect(await resolve('1.29.0')).toMatchObject({
        failure: {
          message: expect.stringContaining('seen HOME,LANG,ORT_DISABLE_TELEMETRY,PATH,PWD,TZ wrote false network false')
        }
      })
    })
  }
)
