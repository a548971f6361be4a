/** Least space one file or folder takes on common file systems. Counting it makes a million empty files count. */
const DISK_BLOCK_BYTES = 4096

export type TreeSizeCounter = {
  /** Takes the next piece of `git ls-tree -r -t -l -z`. */
  readonly add: (chunk: Buffer) => void
  readonly bytes: () => number
}

/**
 * Adds up what a checkout will take on disk, from `git ls-tree -r -t -l -z <commit>`: records of
 * `<mode> <type> <object> <size or ->\t<path>`, each ended by NUL. Works on pieces, because the list of
 * a hostile tree (ten folders of the same ten folders, ten deep) has no end worth waiting for.
 */
export function countTreeSize(): TreeSizeCounter {
  let totalBytes = 0
  // Only the start of a record is kept: the path is not needed, and it may be long.
  let field = ''
  let inPath = false
  function endRecord(): void {
    const size = Number(field.trim().split(/ +/).at(-1))
    totalBytes += Math.max(1, Math.ceil((Number.isFinite(size) ? size : 0) / DISK_BLOCK_BYTES)) * DISK_BLOCK_BYTES
    field = ''
    inPath = false
  }
  function add(chunk: Buffer): void {
    for (const record of chunk.toString('latin1').split(/(\0)/)) {
      if (record === '\0') {
        endRecord()
      } else if (!inPath) {
        const tab = record.indexOf('\t')
        inPath = tab !== -1
        field += inPath ? record.slice(0, tab) : record
      }
    }
  }
  return { add, bytes: () => totalBytes }
}
