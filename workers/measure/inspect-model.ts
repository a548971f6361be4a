import { isUtf8 } from 'node:buffer'
import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import type { BenchmarkFailure, ModelFacts } from '#contracts/benchmark-result.ts'
import type { Side } from '#contracts/identifiers.ts'

/** First line of every Git LFS pointer file, git-lfs/docs/spec.md. */
const LFS_POINTER_START = 'version https://git-lfs.github.com/spec/'

/** No path is longer on Linux, so a symbolic link's target fits. */
const START_BYTES = 4096

export type ModelInspection =
  | {
      readonly kind: 'found'
      /** Absolute, without symbolic links. */
      readonly file: string
      readonly facts: ModelFacts
    }
  | { readonly kind: 'failed'; readonly failure: BenchmarkFailure }

export interface ModelPlace {
  readonly side: Side
  readonly checkoutDirectory: string
  /** As the configuration names it; relative to the checkout. */
  readonly modelPath: string
}

/**
 * Looks at a model file before any process loads it: it must be a regular, non-empty file inside the checkout (also after
 * symbolic links) and neither a Git LFS pointer nor other text. Returns its hash and size.
 */
export async function inspectModel(place: ModelPlace, signal: AbortSignal): Promise<ModelInspection> {
  const root = await realpath(place.checkoutDirectory)
  const found = await resolveModel(join(root, place.modelPath))
  if (found.kind === 'missing') return missing(place)
  if (found.kind !== 'file' || !found.file.startsWith(root + sep)) {
    return unreadable(place, 'is a symbolic link that leads out of the repository', 'Commit the model itself.')
  }
  const stats = await stat(found.file)
  if (!stats.isFile()) return unreadable(place, 'is a directory, not a file', 'Name the .onnx file in it.')
  if (stats.size === 0) return unreadable(place, 'is an empty file', 'Commit the model itself.')
  const start = await readStart(found.file)
  if (start.toString('latin1').startsWith(LFS_POINTER_START)) return lfsPointer(place)
  if (isText(start, stats.size)) {
    return unreadable(place, 'is text, not a model', 'Commit the model itself; symbolic links are not followed.')
  }
  const hash = createHash('sha256')
  await pipeline(createReadStream(found.file), hash, { signal })
  return { kind: 'found', file: found.file, facts: { sha256: hash.digest('hex'), bytes: stats.size } }
}

async function resolveModel(
  path: string
): Promise<
  { readonly kind: 'missing' } | { readonly kind: 'loop' } | { readonly kind: 'file'; readonly file: string }
> {
  try {
    return { kind: 'file', file: await realpath(path) }
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'ENOENT' || code === 'ENOTDIR' || code === 'ENAMETOOLONG') return { kind: 'missing' }
    if (code === 'ELOOP') return { kind: 'loop' }
    throw error
  }
}

async function readStart(file: string): Promise<Buffer> {
  const handle = await open(file)
  try {
    const start = Buffer.alloc(START_BYTES)
    const { bytesRead } = await handle.read(start, 0, start.length, 0)
    return start.subarray(0, bytesRead)
  } finally {
    await handle.close()
  }
}

/** A whole small file without control characters. A symbolic link arrives like this too: as its target's path. */
function isText(start: Buffer, sizeBytes: number): boolean {
  return sizeBytes === start.length && isUtf8(start) && !/[^\P{Cc}\s]/u.test(start.toString('utf8'))
}

function missing({ side, modelPath }: ModelPlace): ModelInspection {
  return failed(
    side,
    'model_missing',
    `\`${modelPath}\` is not in the ${side} commit.`,
    'Correct `path` of this model in the configuration, or commit the file. A model that was moved needs its new path on the branch that moved it.'
  )
}

function lfsPointer({ side, modelPath }: ModelPlace): ModelInspection {
  return failed(
    side,
    'model_is_lfs_pointer',
    `\`${modelPath}\` in the ${side} commit is a Git LFS pointer, and Git LFS objects are not fetched yet.`,
    'Commit the model without Git LFS, on the base branch too: `git lfs untrack` its path, `git add --renormalize .`, then commit.'
  )
}

function unreadable({ side, modelPath }: ModelPlace, what: string, hint: string): ModelInspection {
  return failed(side, 'model_unreadable', `\`${modelPath}\` in the ${side} commit ${what}.`, hint)
}

function failed(side: Side, code: BenchmarkFailure['code'], message: string, hint: string): ModelInspection {
  return { kind: 'failed', failure: { code, side, message, hint } }
}
