import { posix } from 'node:path'
import { RepositoryPath } from '#contracts/identifiers.ts'

/**
 * The repository path of a file that a model keeps data in: beside the model or below its folder. ONNX Runtime 1.30 takes no
 * other either, but engines of all versions run here.
 *
 * @param location as the model names it
 * @returns null for an absolute path, one with `..`, and one that cannot be a file's name
 */
export function externalDataPath(modelPath: string, location: string): string | null {
  const names = location.split(/[/\\]/)
  if (posix.isAbsolute(location) || names.includes('..') || ['', '.'].includes(names.at(-1) ?? '')) return null
  const path = RepositoryPath.safeParse(posix.join(posix.dirname(modelPath), location))
  return path.success ? path.data : null
}
