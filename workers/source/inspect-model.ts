import { realpath } from 'node:fs/promises'
import { type BenchmarkFailure, EXTERNAL_FILES_MAX, type ModelFacts } from '#contracts/benchmark-result.ts'
import type { Side } from '#contracts/identifiers.ts'
import { externalDataPath } from './external-data-path.ts'
import type { LfsProblem } from './fetch-lfs-objects.ts'
import { type FileInspection, fileHoldsText, hashFile, inspectFile } from './inspect-file.ts'
import { type ExternalDataList, LOCATION_KEY } from './list-external-data.ts'

const LFS_UNTRACK_HINT =
  'Commit the model without Git LFS, on the base branch too: `git lfs untrack` its path, `git add --renormalize .`, then commit.'

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
  /** Lists the files that the model keeps data in, as it names them. Without it they are not looked at. */
  readonly listExternalData?: (modelFile: string, signal: AbortSignal) => Promise<ExternalDataList>
  /** Why Git LFS pointers of this checkout are still pointers. */
  readonly lfsProblems?: readonly LfsProblem[]
}

type Failed = Extract<ModelInspection, { kind: 'failed' }>

/**
 * Looks at a model file before any process loads it: it must be a regular, non-empty file inside the checkout (also after
 * symbolic links) and neither a Git LFS pointer nor other text; the same holds for the files it keeps data in, which must
 * also lie in its own folder. Returns hashes and sizes.
 */
export async function inspectModel(place: ModelPlace, signal: AbortSignal): Promise<ModelInspection> {
  const root = await realpath(place.checkoutDirectory)
  const found = await inspectFile(root, place.modelPath)
  if (found.kind !== 'found') return refuseModel(place, found.kind)
  if (found.bytes === 0) return unreadable(place, 'is an empty file', 'Commit the model itself.')
  if (found.isText) {
    return unreadable(place, 'is text, not a model', 'Commit the model itself; symbolic links are not followed.')
  }
  const sha256 = await hashFile(found.file, signal)
  const mayBeSplit = await fileHoldsText(found.file, LOCATION_KEY, signal)
  const externalData = mayBeSplit ? await inspectExternalData(place, root, found.file, signal) : []
  if ('kind' in externalData) return externalData
  return { kind: 'found', file: found.file, facts: { sha256, bytes: found.bytes, externalData: [...externalData] } }
}

type ExternalFacts = ModelFacts['externalData']

async function inspectExternalData(
  place: ModelPlace,
  root: string,
  modelFile: string,
  signal: AbortSignal
): Promise<ExternalFacts | Failed> {
  const list = (await place.listExternalData?.(modelFile, signal)) ?? { kind: 'listed', locations: [] }
  if (list.kind === 'failed') {
    return unreadable(place, `keeps data in other files, and ${list.reason}`, 'Check the model with onnx.checker.')
  }
  if (list.locations.length > EXTERNAL_FILES_MAX) {
    const what = `keeps data in ${list.locations.length} files, more than ${EXTERNAL_FILES_MAX}`
    return unreadable(place, what, 'Save the model with all its data in one file (`onnx.save_model`).')
  }
  const facts: ExternalFacts = []
  for (const location of list.locations) {
    const path = externalDataPath(place.modelPath, location)
    if (path === null) return refuseLocation(place, location)
    const found = await inspectFile(root, path)
    if (found.kind !== 'found') return refuseExternal(place, path, found.kind)
    facts.push({ path, sha256: await hashFile(found.file, signal), bytes: found.bytes })
  }
  return facts.toSorted((one, other) => (one.path < other.path ? -1 : 1))
}

type Unusable = Exclude<FileInspection['kind'], 'found'>

function refuseModel(place: ModelPlace, kind: Unusable): Failed {
  switch (kind) {
    case 'missing':
      return missing(place)
    case 'outside':
      return unreadable(place, 'is a symbolic link that leads out of the repository', 'Commit the model itself.')
    case 'directory':
      return unreadable(place, 'is a directory, not a file', 'Name the .onnx file in it.')
    case 'lfs_pointer':
      return lfsPointer(place, place.modelPath)
  }
}

function refuseExternal(place: ModelPlace, path: string, kind: Unusable): Failed {
  switch (kind) {
    case 'missing':
      return unreadable(place, `keeps data in \`${path}\`, which is not in that commit`, 'Commit that file too.')
    case 'outside':
      return unreadable(place, `keeps data in \`${path}\`, a link out of the repository`, 'Commit the file itself.')
    case 'directory':
      return unreadable(place, `keeps data in \`${path}\`, which is a directory`, 'Save the model again.')
    case 'lfs_pointer':
      return lfsPointer(place, path)
  }
}

function refuseLocation(place: ModelPlace, location: string): Failed {
  // As JSON, which shows control characters as escapes.
  const what = `keeps data in ${JSON.stringify(location.slice(0, 200))}, which is not in the model's own folder`
  const hint = 'Save the model with its data beside it, by a relative path without `..`.'
  return unreadable(place, what, hint)
}

function missing({ side, modelPath }: ModelPlace): Failed {
  return failed(
    side,
    'model_missing',
    `\`${modelPath}\` is not in the ${side} commit.`,
    'Correct `path` of this model in the configuration, or commit the file. A model that was moved needs its new path on the branch that moved it.'
  )
}

function lfsPointer({ side, modelPath, lfsProblems = [] }: ModelPlace, path: string): Failed {
  const problem = lfsProblems.find((one) => one.path === path)
  const reason = problem?.reason ?? 'its object was not fetched'
  const user = path === modelPath ? '' : `, which \`${modelPath}\` needs,`
  return failed(
    side,
    'model_is_lfs_pointer',
    `\`${path}\`${user} in the ${side} commit is a Git LFS pointer: ${reason}.`,
    problem?.hint ?? LFS_UNTRACK_HINT
  )
}

function unreadable({ side, modelPath }: ModelPlace, what: string, hint: string): Failed {
  return failed(side, 'model_unreadable', `\`${modelPath}\` in the ${side} commit ${what}.`, hint)
}

function failed(side: Side, code: BenchmarkFailure['code'], message: string, hint: string): Failed {
  return { kind: 'failed', failure: { code, side, message: message.slice(0, 4000), hint: hint.slice(0, 2000) } }
}
