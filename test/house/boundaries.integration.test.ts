import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'

const ROOT = resolve(import.meta.dirname, '../..')
const BIOME = join(ROOT, 'node_modules/.bin/biome')

interface Boundary {
  readonly folder: string
  readonly allowed: readonly string[]
  readonly refused: readonly string[]
}

/** Each folder with imports that the linter must let through and imports that it must refuse. */
const BOUNDARIES: readonly Boundary[] = [
  {
    folder: 'src/contracts',
    allowed: ['zod', './units.ts', '#contracts/case.ts'],
    refused: ['node:fs', '#stats/verdict.ts', '../stats/verdict.ts', 'yaml']
  },
  {
    folder: 'src/stats',
    allowed: ['#contracts/units.ts', './verdict.ts', '@stdlib/stats-base-dists-t-cdf'],
    refused: ['node:fs/promises', '#src/report/outcome.ts', '../run/ports.ts', 'zod', 'pino']
  },
  {
    folder: 'src/budgets',
    allowed: [
      '#contracts/units.ts',
      '#stats/verdict.ts',
      '#src/equivalence/exact-bounds.ts',
      '@stdlib/stats-base-dists-t-cdf'
    ],
    refused: ['node:fs/promises', '#src/report/outcome.ts', '../run/ports.ts', 'zod', 'pino']
  },
  {
    folder: 'src/config',
    allowed: ['#contracts/case.ts', 'zod', 'yaml', '#src/report/outcome.ts'],
    refused: ['node:fs', '#src/run/ports.ts', '#src/report/render.ts', 'picomatch']
  },
  {
    folder: 'src/plan',
    allowed: ['#contracts/case.ts', '#src/config/parse-config.ts', '#src/report/outcome.ts'],
    refused: ['node:crypto', 'picomatch', '#queue/ports.ts', '#src/github/checks.ts', 'bullmq']
  },
  {
    folder: 'src/command',
    allowed: ['mdast', 'mdast-util-from-markdown', 'mdast-util-gfm', 'micromark-extension-gfm'],
    refused: ['node:fs', '#src/run/ports.ts', 'probot']
  },
  {
    folder: 'src/report',
    allowed: ['#contracts/case.ts', '#stats/verdict.ts', 'handlebars', './outcome.ts'],
    refused: ['node:fs', '#src/github/checks.ts', '#src/run/ports.ts', '@octokit/rest']
  },
  {
    folder: 'src/queue',
    allowed: ['#contracts/benchmark-job.ts', 'bullmq', 'ioredis', 'pg', 'node:timers/promises', 'zod'],
    refused: ['#src/run/ports.ts', '#src/env.ts', 'probot', '#workers/run-job.ts', 'kysely']
  },
  {
    folder: 'src/github',
    allowed: ['#contracts/case.ts', '#src/run/ports.ts', '#src/report/outcome.ts', '@octokit/rest', 'probot'],
    refused: ['#src/run/start-run.ts', 'pg', 'bullmq', '#stats/verdict.ts']
  },
  {
    folder: 'src/history',
    allowed: ['#contracts/case.ts', '#src/run/ports.ts', 'pg', 'kysely', 'node:fs/promises'],
    refused: ['#src/run/start-run.ts', 'bullmq', '@octokit/rest', '#src/env.ts']
  },
  {
    folder: 'src/run',
    allowed: ['#contracts/case.ts', '#stats/verdict.ts', '#src/plan/plan-run.ts', 'zod'],
    refused: ['node:fs', '@octokit/rest', 'bullmq', 'pg', 'kysely', '#src/github/checks.ts', '#src/env.ts']
  },
  {
    folder: 'src/webhook',
    allowed: ['#src/run/ports.ts', '#src/command/parse-command.ts', 'probot', '@octokit/webhooks-types'],
    refused: ['bullmq', 'pg', '#src/github/checks.ts', '#src/history/runs.ts']
  },
  {
    folder: 'src/web',
    allowed: ['#src/report/outcome.ts', '#src/run/ports.ts', 'probot', 'node:http'],
    refused: ['pg', 'bullmq', 'prom-client', '@octokit/rest', '#src/cli/main.ts']
  },
  {
    folder: 'src',
    allowed: ['#src/run/start-run.ts', 'pino'],
    refused: ['#test/fakes/github.ts', '../test/fakes/github.ts', '#src/cli/main.ts', './cli/main.ts']
  },
  {
    folder: 'workers',
    allowed: [
      '#contracts/case.ts',
      '#stats/verdict.ts',
      '#src/environment/judge-reading.ts',
      '#queue/open-queue.ts',
      './run-job.ts',
      'onnxruntime-node'
    ],
    refused: [
      '#src/env.ts',
      '../src/env.ts',
      '#src/run/ports.ts',
      'pg',
      'bullmq',
      '@octokit/rest',
      '#test/fakes/clock.ts'
    ]
  },
  {
    folder: 'workers/side',
    allowed: ['#workers/device/fingerprint.ts', './protocol.ts', 'node:process', 'zod', 'pino'],
    refused: ['../../src/env.ts', '#src/github/checks.ts']
  }
]

/** Other house rules, by the rule that must fire. */
const RULES: readonly { readonly rule: string; readonly path: string; readonly code: string }[] = [
  { rule: 'style/noProcessEnv', path: 'src/run/reads-env.ts', code: 'export const a = process.env.HOME' },
  { rule: 'style/noProcessEnv', path: 'workers/reads-env.ts', code: 'export const a = process.env.HOME' },
  { rule: 'suspicious/noConsole', path: 'src/run/prints.ts', code: "console.log('x')" },
  { rule: 'suspicious/noExplicitAny', path: 'src/run/any.ts', code: 'export const a: any = 1' },
  { rule: 'style/noEnum', path: 'src/run/enum.ts', code: 'export enum A { b }' },
  { rule: 'style/noDefaultExport', path: 'src/run/default-export.ts', code: 'export default 1' },
  { rule: 'performance/noBarrelFile', path: 'src/run/barrel.ts', code: "export { a } from './any.ts'" },
  { rule: 'style/useFilenamingConvention', path: 'src/run/camelCase.ts', code: 'export const a = 1' },
  { rule: 'style/useImportType', path: 'src/run/type.ts', code: "import { A } from './x.ts'\nexport type B = A" },
  { rule: 'suspicious/noSkippedTests', path: 'test/run/skip.test.ts', code: "test.skip('x', () => {})" },
  {
    rule: 'complexity/noExcessiveLinesPerFunction',
    path: 'src/run/long.ts',
    code: `export function long(): void {\n${'  print()\n'.repeat(51)}}\nfunction print(): void {}`
  },
  {
    rule: 'complexity/noExcessiveCognitiveComplexity',
    path: 'src/run/complex.ts',
    code: `export function f(a: number): number {\n${'for (;;) if (a) {\n'.repeat(5)}${'}\n'.repeat(5)}return a }`
  }
]

/** What the linter lets through where the rule has an exception. */
const EXCEPTIONS: readonly { readonly path: string; readonly code: string }[] = [
  { path: 'src/env.ts', code: 'export const a = process.env.HOME' },
  { path: 'workers/env.ts', code: 'export const a = process.env.HOME' },
  { path: 'src/cli/main.ts', code: "import { b } from '#test/demo.ts'\nconsole.log(b)" },
  { path: 'src/scripts/generate.ts', code: "import { b } from '#src/cli/main.ts'\nconsole.log(b)" },
  { path: 'src/main.ts', code: "import { b } from '#src/cli/main.ts'\nexport const a = b" },
  { path: 'test/run/env.test.ts', code: 'export const a = process.env.HOME' },
  { path: 'vitest.config.ts', code: 'export default {}' }
]

const BiomeReport = z.object({
  diagnostics: z.array(
    z.object({ category: z.string(), severity: z.string(), location: z.object({ path: z.string() }) })
  )
})

let folder = ''
let findings: ReadonlyMap<string, readonly string[]> = new Map()

function snippetPath(boundary: Boundary, specifier: string): string {
  return `${boundary.folder}/imports-${specifier.replaceAll(/[^a-z0-9]+/g, '-').replaceAll(/^-|-$/g, '')}-${specifier.length}.ts`
}

function writeSnippet(path: string, code: string): void {
  const file = join(folder, path)
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, `${code}\n`)
}

function runBiome(): string {
  try {
    return execFileSync(BIOME, ['lint', '--reporter=json', '--max-diagnostics=none', '.'], {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'pipe']
    })
  } catch (error) {
    // Exit code 1 is the point: there are findings. Anything else has no report on standard output.
    return z.object({ stdout: z.string().min(1) }).parse(error).stdout
  }
}

function rulesAt(path: string): readonly string[] {
  return findings.get(path) ?? []
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'tailgate-boundaries-'))
  for (const name of ['biome.json', '.gitignore']) copyFileSync(join(ROOT, name), join(folder, name))
  for (const boundary of BOUNDARIES) {
    for (const specifier of [...boundary.allowed, ...boundary.refused]) {
      writeSnippet(snippetPath(boundary, specifier), `import { b } from '${specifier}'\nexport const a = b`)
    }
  }
  for (const { path, code } of [...RULES, ...EXCEPTIONS]) writeSnippet(path, code)
  const byPath = new Map<string, string[]>()
  for (const { category, location } of BiomeReport.parse(JSON.parse(runBiome())).diagnostics) {
    byPath.set(location.path, [...(byPath.get(location.path) ?? []), category.replace('lint/', '')])
  }
  findings = byPath
})

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

function isRefused(boundary: Boundary, specifier: string): boolean {
  return rulesAt(snippetPath(boundary, specifier)).includes('style/noRestrictedImports')
}

describe('import boundaries', () => {
  test.each(BOUNDARIES)('$folder refuses what it must not import', (boundary) => {
    expect(boundary.refused.filter((specifier) => !isRefused(boundary, specifier))).toEqual([])
  })

  test.each(BOUNDARIES)('$folder may import what it needs', (boundary) => {
    expect(boundary.allowed.filter((specifier) => isRefused(boundary, specifier))).toEqual([])
  })
})

describe('house rules', () => {
  test.each(RULES)('$rule fires on $path', ({ rule, path }) => {
    expect(rulesAt(path)).toContain(rule)
  })

  test.each(EXCEPTIONS)('$path has its exception', ({ path }) => {
    expect(rulesAt(path)).toEqual([])
  })

  test('the linter leaves generated files alone', () => {
    const { files } = z
      .object({ files: z.object({ includes: z.array(z.string()) }) })
      .parse(JSON.parse(readFileSync(join(ROOT, 'biome.json'), 'utf8')))
    expect(files.includes).toEqual(expect.arrayContaining(['!docs/tailgate.schema.json', '!test/golden']))
  })
})
