/**
 * How much JSON of measurements is read. Parsing takes many times the memory of the text when the text is built for it
 * (a hundred million brackets: 5 GB, 14 s), and a process that runs out of memory there dies. A million latencies come to
 * 10 to 40 MB.
 */
export const JSON_MAX_BYTES = 256 * 1024 * 1024

/** Numbers and other values; about 160 MB as numbers. */
export const JSON_MAX_VALUES = 20_000_000

/** Lists and objects: a block is two of them. */
export const JSON_MAX_CONTAINERS = 4_000_000

/** Keys of objects: a block has six. */
export const JSON_MAX_KEYS = 12_000_000

/** Below this size no text can hold too much. */
const HARMLESS_BYTES = JSON_MAX_CONTAINERS

const COMMA = 0x2c
const COLON = 0x3a
const BRACKET = 0x5b
const BRACE = 0x7b

/**
 * What makes a text too much to parse, as the end of a sentence ("it holds …"), or null. Commas and brackets inside strings
 * count too: nobody needs millions of them there.
 */
export function findJsonExcess(bytes: Uint8Array): string | null {
  if (bytes.length > JSON_MAX_BYTES) return `more than ${JSON_MAX_BYTES / 1024 / 1024} MiB of JSON`
  if (bytes.length <= HARMLESS_BYTES) return null
  const counts = countBytes(bytes)
  const count = (mark: number) => counts[mark] ?? 0
  if (count(BRACKET) + count(BRACE) > JSON_MAX_CONTAINERS)
    return `more than ${JSON_MAX_CONTAINERS / 1e6} million lists and objects`
  if (count(COLON) > JSON_MAX_KEYS) return `more than ${JSON_MAX_KEYS / 1e6} million keys`
  if (count(COMMA) > JSON_MAX_VALUES) return `more than ${JSON_MAX_VALUES / 1e6} million values`
  return null
}

/** How often each byte occurs: the fastest way to count several marks at once. */
function countBytes(bytes: Uint8Array): Uint32Array {
  const counts = new Uint32Array(256)
  for (let index = 0; index < bytes.length; index += 1) {
    const byte = bytes[index] ?? 0
    counts[byte] = (counts[byte] ?? 0) + 1
  }
  return counts
}
