import { realpath } from 'node:fs/promises'
import { extname } from 'node:path'
import type { BenchmarkFailure } from '#contracts/benchmark-result.ts'
import type { Side } from '#contracts/identifiers.ts'
import type { RecordedFile } from '#contracts/inputs.ts'
import type { LfsProblem } from '#workers/source/fetch-lfs-objects.ts'
import { type FileInspection, inspectFile } from '#workers/source/inspect-file.ts'
import type { RecordedSource } from './protocol.ts'

export type RecordedInspection =
  | { readonly kind: 'found'; readonly sources: readonly RecordedSource[] }
  | { readonly kind: 'failed'; readonly failure: BenchmarkFailure }

export interface RecordedPlace {
  readonly side: Side
  readonly checkoutDirectory: string
  readonly recorded: readonly RecordedFile[]
  /** Why Git LFS pointers of this checkout are still pointers. */
  readonly lfsProblems?: readonly LfsProblem[]
}

const EXTENSIONS: ReadonlySet<string> = new Set(['.npy', '.npz', '.json'])

/**
 * Looks for the recorded samples of one side, for the supervisor: each must be a regular file inside the checkout (also after
 * symbolic links) and no Git LFS pointer. What is in them is read by the process that runs the model, never here.
 */
export async function inspectRecorded(place: RecordedPlace): Promise<RecordedInspection> {
  const root = await realpath(place.checkoutDirectory)
  const sources: RecordedSource[] = []
  for (const { path, input } of place.recorded) {
    if (!EXTENSIONS.has(extname(path).toLowerCase())) {
      return failed(place, `\`${path}\` is no file of samples`, 'Record samples as .npy, .npz or .json.')
    }
    const found = await inspectFile(root, path)
    if (found.kind !== 'found') return refuseFile(place, path, found.kind)
    if (found.bytes === 0) return failed(place, `\`${path}\` in the ${place.side} commit is empty`, COMMIT_IT)
    sources.push({ file: found.file, path, input })
  }
  return { kind: 'found', sources }
}

const COMMIT_IT = 'Commit the recorded samples themselves.'

function refuseFile(place: RecordedPlace, path: string, kind: Exclude<FileInspection['kind'], 'found'>) {
  const file = `\`${path}\``
  switch (kind) {
    case 'missing':
      return failed(place, `${file} is not in the ${place.side} commit`, 'Correct `recorded`, or commit the file.')
    case 'outside':
      return failed(place, `${file} in the ${place.side} commit is a symbolic link out of the repository`, COMMIT_IT)
    case 'directory':
      return failed(place, `${file} in the ${place.side} commit is a directory`, 'List the files in it.')
    case 'lfs_pointer': {
      const problem = place.lfsProblems?.find((one) => one.path === path)
      const reason = problem?.reason ?? 'its object was not fetched'
      const hint = problem?.hint ?? 'Commit the samples without Git LFS.'
      return failed(place, `${file} in the ${place.side} commit is a Git LFS pointer: ${reason}`, hint)
    }
  }
}

function failed({ side }: RecordedPlace, what: string, hint: string): RecordedInspection {
  const message = `Recorded samples cannot be used: ${what}.`
  return {
    kind: 'failed',
    failure: { code: 'input_unsupported', side, message: message.slice(0, 4000), hint: hint.slice(0, 2000) }
  }
}
