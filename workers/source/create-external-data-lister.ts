import { realpath } from 'node:fs/promises'
import type { SideSandbox } from '#workers/sandbox/side-command.ts'
import { externalDataPath } from './external-data-path.ts'
import { fileHoldsText, inspectFile } from './inspect-file.ts'
import { type ExternalDataList, LOCATION_KEY, listExternalData } from './list-external-data.ts'

export interface ExternalDataLister {
  /** The files that one model keeps data in, as it names them. A process is started once for each model file. */
  list(this: void, checkoutDirectory: string, modelFile: string, signal: AbortSignal): Promise<ExternalDataList>
  /**
   * The repository paths of the files that these models of a checkout keep data in, for those that are there. What is wrong
   * with a model or a path is left for `inspectModel` to say.
   */
  listPaths(
    this: void,
    checkoutDirectory: string,
    modelPaths: readonly string[],
    signal: AbortSignal
  ): Promise<readonly string[]>
}

/** For one job: what was listed once is remembered, and files must not change. */
export function createExternalDataLister(sandbox: SideSandbox): ExternalDataLister {
  const known = new Map<string, Promise<ExternalDataList>>()

  function list(checkoutDirectory: string, modelFile: string, signal: AbortSignal): Promise<ExternalDataList> {
    const remembered = known.get(modelFile)
    if (remembered !== undefined) return remembered
    const listing = listExternalData({ ...sandbox, checkoutDirectory, modelFile, signal })
    known.set(modelFile, listing)
    // A cancelled one is not remembered.
    listing.catch(() => known.delete(modelFile))
    return listing
  }

  async function listOne(root: string, modelPath: string, signal: AbortSignal): Promise<readonly string[]> {
    const found = await inspectFile(root, modelPath)
    if (found.kind !== 'found' || !(await fileHoldsText(found.file, LOCATION_KEY, signal))) return []
    const listing = await list(root, found.file, signal)
    const locations = listing.kind === 'listed' ? listing.locations : []
    return locations.flatMap((location) => externalDataPath(modelPath, location) ?? [])
  }

  return {
    list,
    listPaths: async (checkoutDirectory, modelPaths, signal) => {
      const root = await realpath(checkoutDirectory)
      const paths = new Set<string>()
      for (const modelPath of modelPaths) {
        for (const path of await listOne(root, modelPath, signal)) paths.add(path)
      }
      return [...paths]
    }
  }
}
