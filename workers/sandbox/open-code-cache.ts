import { realpath, rm } from 'node:fs/promises'
import { makeScratchFolder } from '#workers/scratch-folder.ts'
import { type CodeCacheOptions, fillCodeCache } from './fill-code-cache.ts'
import type { SideCommandOptions } from './side-command.ts'

export interface OpenedCodeCache {
  /** For side commands; null where there is none, and sides start more slowly. */
  readonly codeCache: NonNullable<SideCommandOptions['codeCache']> | null
  remove(): Promise<void>
}

export type OpenCodeCacheOptions = Omit<CodeCacheOptions, 'directory'> & {
  /** An existing folder; the cache gets one of its own in it. */
  readonly workRoot: string
}

/** Makes and fills the code cache of one job. It only saves time, so nothing that goes wrong with it throws. */
export async function openCodeCache({ workRoot, ...options }: OpenCodeCacheOptions): Promise<OpenedCodeCache> {
  const directory = await makeFolder(workRoot)
  if (directory === null) return { codeCache: null, remove: async () => undefined }
  const filled = await fillCodeCache({ ...options, directory })
  return {
    codeCache: filled ? { directory, access: 'read' } : null,
    // What cannot be removed now goes when the worker starts again.
    remove: () => rm(directory, { recursive: true, force: true, maxRetries: 3 }).catch(() => undefined)
  }
}

async function makeFolder(workRoot: string): Promise<string | null> {
  try {
    return await makeScratchFolder(await realpath(workRoot), 'job')
  } catch {
    return null
  }
}
