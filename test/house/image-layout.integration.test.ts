import { execFile } from 'node:child_process'
import { generateKeyPairSync } from 'node:crypto'
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterEach, describe, expect, test } from 'vitest'

const ROOT = resolve(import.meta.dirname, '../..')
const TOKEN = 'f00f'.repeat(16)

const folders: string[] = []

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

/** Paths that one target of the Dockerfile copies from the repository. */
function copiedPaths(target: string): readonly string[] {
  const stage = readFileSync(join(ROOT, 'Dockerfile'), 'utf8')
    .split(/^FROM /m)
    .find((text) => text.includes(` AS ${target}\n`))
  return [...(stage ?? '').matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap((match) => (match[1] ?? '').split(' '))
}

/** The image's folder as the Dockerfile fills it, with this checkout's packages. */
function layOut(target: string): string {
  const folder = mkdtempSync(join(tmpdir(), `tailgate-image-${target}-`))
  folders.push(folder)
  symlinkSync(join(ROOT, 'node_modules'), join(folder, 'node_modules'))
  for (const path of copiedPaths(target)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true })
    cpSync(join(ROOT, path), join(folder, path), { recursive: true })
  }
  return folder
}

/** Starts a program there with plain Node and only these variables; it loads all of its modules before it looks at them. */
async function check(folder: string, program: string, variables: Readonly<Record<string, string>>): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, [program, '--check'], { cwd: folder, env: variables })
  return stdout
}

describe('what the Dockerfile copies is enough', () => {
  test('to start the bot', async () => {
    const { privateKey } = generateKeyPairSync('rsa', {
      modulusLength: 2048,
      publicKeyEncoding: { type: 'spki', format: 'pem' },
      privateKeyEncoding: { type: 'pkcs8', format: 'pem' }
    })
    const settings = { APP_ID: '1', PRIVATE_KEY: privateKey, WEBHOOK_SECRET: TOKEN }
    expect(await check(layOut('bot'), 'src/main.ts', settings)).toContain('settings are complete')
  })

  test('to start the command line, the bot’s and the worker’s parts of it', async () => {
    const folder = layOut('tools')
    const { stdout } = await promisify(execFile)(process.execPath, ['src/cli/main.ts', 'doctor', '--json'], {
      cwd: folder,
      env: { PATH: process.env.PATH, DATA_DIR: join(folder, 'data') }
    })
    expect(stdout).toMatch(/"check": "ONNX Runtime",\s+"level": "ok"/)
  })

  test('to start a worker', async () => {
    const settings = { REDIS_URL: 'redis://127.0.0.1:6379', BOT_URL: 'http://127.0.0.1:3000', WORKER_TOKEN: TOKEN }
    expect(await check(layOut('worker'), 'workers/main.ts', settings)).toContain('settings are complete')
  })
})
