import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')

interface Stage {
  readonly name: string
  readonly base: string
  readonly instructions: readonly string[]
}

function readText(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8')
}

/** Instructions with their continuation lines joined, without comments. */
function readInstructions(dockerfile: string): readonly string[] {
  return dockerfile
    .replaceAll(/^#.*\n/gm, '')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')
    .filter((line) => line.trim() !== '')
}

function readStages(dockerfile: string): readonly Stage[] {
  const stages: { name: string; base: string; instructions: string[] }[] = []
  for (const instruction of readInstructions(dockerfile)) {
    const from = /^FROM (\S+) AS (\S+)$/.exec(instruction)
    if (from !== null) stages.push({ base: from[1] ?? '', name: from[2] ?? '', instructions: [] })
    else stages.at(-1)?.instructions.push(instruction)
  }
  return stages
}

const dockerfile = readText('Dockerfile')
const stages = readStages(dockerfile)

function readStage(name: string): Stage {
  const stage = stages.find((candidate) => candidate.name === name)
  if (stage === undefined) throw new Error(`Dockerfile has no target ${name}`)
  return stage
}

/** Paths copied from the repository (not from another stage). */
function copiedPaths(stage: Stage): readonly string[] {
  return stage.instructions
    .filter((line) => line.startsWith('COPY ') && !line.includes('--from='))
    .flatMap((line) => line.split(/\s+/).slice(1, -1))
}

describe('Dockerfile', () => {
  test('has one base image, of the Node version that package-lock.json holds', () => {
    const lock = z
      .object({ packages: z.object({ 'node_modules/node': z.object({ version: z.string() }) }) })
      .parse(JSON.parse(readText('package-lock.json')))
    const version = lock.packages['node_modules/node'].version
    expect(dockerfile).toContain(`ARG NODE_IMAGE=node:${version}-bookworm-slim\n`)
    expect(new Set(stages.map(({ base }) => base))).toEqual(new Set(['$' + '{NODE_IMAGE}']))
  })

  test.each(stages)('$name copies only what exists and what .dockerignore lets through', (stage) => {
    const allowed = [...readText('.dockerignore').matchAll(/^!(.+?)(?:\/\*\*)?$/gm)].map((match) => match[1] ?? '')
    for (const path of copiedPaths(stage)) {
      expect(existsSync(join(ROOT, path)), path).toBe(true)
      expect(
        allowed.some((entry) => path === entry || path.startsWith(`${entry}/`)),
        path
      ).toBe(true)
    }
  })

  test('the worker image holds nothing of the bot but what both share', () => {
    expect([...copiedPaths(readStage('worker'))].sort()).toEqual([
      'package.json',
      'src/contracts',
      'src/environment',
      'src/equivalence',
      'src/load-curve',
      'src/queue',
      'src/stats',
      'workers'
    ])
  })

  test.each(['worker', 'tools'])('the %s image installs the programs that a worker starts, and no others', (name) => {
    const install = readStage(name).instructions.find((line) => line.includes('apt-get install'))
    expect(install?.match(/--no-install-recommends (.+?) +&&/)?.[1]?.split(/ +/)).toEqual([
      'bubblewrap',
      'ca-certificates',
      'git',
      'git-lfs'
    ])
  })

  test('the bot image has no onnxruntime', () => {
    expect(readStage('bot-packages').instructions.join('\n')).toContain('--omit=optional')
  })

  test.each(['bot', 'worker'])(
    '%s runs unprivileged, says whether it is healthy, and starts a program that exists',
    (name) => {
      const { instructions } = readStage(name)
      const program = instructions.at(-1)?.match(/^CMD \["node", "(.+)"\]$/)?.[1]
      expect(instructions).toContain('USER node')
      expect(instructions.some((line) => line.startsWith('HEALTHCHECK '))).toBe(true)
      expect(existsSync(join(ROOT, program ?? 'missing'))).toBe(true)
    }
  )
})
