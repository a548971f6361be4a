import type { IncomingMessage } from 'node:http'

export type BodyResult = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false }

/**
 * Reads a request body up to a limit.
 *
 * @param maxBytes a longer body gives `ok: false` without reading the rest.
 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyResult> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return { ok: false }
  const chunks: Buffer[] = []
  let bytes = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length
    if (bytes > maxBytes) return { ok: false }
    chunks.push(chunk)
  }
  return { ok: true, bytes: Buffer.concat(chunks) }
}
