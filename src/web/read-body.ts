import type { IncomingMessage } from 'node:http'

export type BodyResult = { readonly ok: true; readonly bytes: Buffer } | { readonly ok: false }

/**
 * Reads a request body up to a limit. Listens to events: a loop over the request makes an iterator and a promise for each
 * piece, which every webhook would pay for.
 *
 * @param maxBytes a longer body gives `ok: false` without keeping the rest.
 * @throws when the client goes away before its body is whole.
 */
export function readBody(request: IncomingMessage, maxBytes: number): Promise<BodyResult> {
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) return Promise.resolve({ ok: false })
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = []
    let bytes = 0
    function take(chunk: Buffer): void {
      bytes += chunk.length
      if (bytes <= maxBytes) {
        chunks.push(chunk)
        return
      }
      request.off('data', take).pause()
      resolve({ ok: false })
    }
    request.on('data', take)
    request.once('end', () => resolve({ ok: true, bytes: Buffer.concat(chunks) }))
    // A client that goes away is an `error` (ECONNRESET), as for the loop that this replaces.
    request.once('error', reject)
  })
}
