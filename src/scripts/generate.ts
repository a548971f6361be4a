import { readFileSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { renderConfigDocs } from '#src/config/render-config-docs.ts'
import { renderConfigJsonSchema } from '#src/config/render-config-json-schema.ts'
import { renderMeasurementsJsonSchema } from '#src/contracts/render-measurements-json-schema.ts'

/** One committed file that is made from the code. */
export interface GeneratedFile {
  /** Relative to the repository's root. */
  readonly path: string
  readonly render: (root: string) => string
}

export const GENERATED_FILES: readonly GeneratedFile[] = [
  {
    path: 'docs/configuration.md',
    render: (root) => renderConfigDocs(readFileSync(join(root, 'docs/tailgate.example.yml'), 'utf8'))
  },
  { path: 'docs/tailgate.schema.json', render: renderConfigJsonSchema },
  { path: 'docs/measurements.schema.json', render: renderMeasurementsJsonSchema }
]

/** Writes every generated file below `root` that differs, and returns the paths of those that did. */
export function writeGenerated(root: string, files: readonly GeneratedFile[]): readonly string[] {
  const stale = findStale(root, files)
  for (const { path, render } of files) {
    if (stale.includes(path)) writeFileSync(join(root, path), render(root))
  }
  return stale
}

/** Paths of the generated files below `root` that are missing or differ from what the code makes now. */
export function findStale(root: string, files: readonly GeneratedFile[]): readonly string[] {
  return files.filter(({ path, render }) => readIfThere(join(root, path)) !== render(root)).map(({ path }) => path)
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

function main(root: string, args: readonly string[]): number {
  const unknown = args.find((argument) => argument !== '--check')
  if (unknown !== undefined) {
    console.error(`generate: unknown option "${unknown}"; the only one is --check`)
    return 2
  }
  if (args.includes('--check')) {
    const stale = findStale(root, GENERATED_FILES)
    for (const path of stale) console.error(`${path} is out of date; run: npm run generate`)
    return stale.length === 0 ? 0 : 1
  }
  for (const path of writeGenerated(root, GENERATED_FILES)) console.log(`wrote ${path}`)
  return 0
}

if (import.meta.main) process.exitCode = main(resolve(import.meta.dirname, '../..'), process.argv.slice(2))
