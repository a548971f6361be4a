/** First line of every Git LFS pointer file, git-lfs/docs/spec.md. */
export const LFS_POINTER_START = 'version https://git-lfs.github.com/spec/'

/** A pointer is smaller than this: git-lfs/docs/spec.md. */
export const LFS_POINTER_MAX_BYTES = 1023

export interface LfsPointer {
  /** SHA-256 of the object's bytes, in lower-case hexadecimal digits. */
  readonly oid: string
  readonly bytes: number
}

/**
 * Reads a Git LFS pointer of the current version: its object's hash and size. One with extensions is refused: an extension
 * is a program that changes the bytes, and none runs here.
 *
 * @returns null when the text is no such pointer
 */
export function parseLfsPointer(text: string): LfsPointer | null {
  if (text.length > LFS_POINTER_MAX_BYTES || !text.startsWith(`${LFS_POINTER_START}v1\n`)) return null
  const lines = text.split('\n')
  const oid = matchOnly(lines, /^oid sha256:([0-9a-f]{64})$/)
  const size = matchOnly(lines, /^size (0|[1-9]\d{0,15})$/)
  if (oid === null || size === null || lines.some((line) => line.startsWith('ext-'))) return null
  const bytes = Number(size)
  return Number.isSafeInteger(bytes) ? { oid, bytes } : null
}

/** The pointer's file as git-lfs itself writes it. */
export function formatLfsPointer({ oid, bytes }: LfsPointer): string {
  return `${LFS_POINTER_START}v1\noid sha256:${oid}\nsize ${bytes}\n`
}

/** What the pattern takes from the one line that it fits; null where none or several do. */
function matchOnly(lines: readonly string[], pattern: RegExp): string | null {
  const found = lines.flatMap((line) => pattern.exec(line)?.[1] ?? [])
  return found.length === 1 ? (found[0] ?? null) : null
}
