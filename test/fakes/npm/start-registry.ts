import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type ServerResponse } from 'node:http'
import type { PackedPackage } from './pack-package.ts'

/** How the registry misbehaves with everything that it is asked. */
export type RegistryFault = { readonly kind: 'status'; readonly status: number } | { readonly kind: 'stalled' }

export interface Registry {
  readonly url: string
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[]
  /** Adds a release. `integrity` is what is announced, and may be wrong. */
  readonly publish: (packed: PackedPackage, integrity?: string) => void
  /** Null: behave again. */
  readonly misbehave: (fault: RegistryFault | null) => void
  readonly close: () => void
}

/** An npm registry with releases and their tarballs, on the loopback address. */
export async function startRegistry(): Promise<Registry> {
  const releases = new Map<string, { readonly packed: PackedPackage; readonly integrity: string }[]>()
  const requests: { path: string; headers: IncomingHttpHeaders }[] = []
  let fault: RegistryFault | null = null
  let url = ''

  function describe(name: string): object | null {
    const all = releases.get(name)
    if (all === undefined) return null
    const versions = Object.fromEntries(
      all.map(({ packed: { manifest }, integrity }) => {
        const tarball = `${url}/${name}/-/${name}-${manifest.version}.tgz`
        return [manifest.version, { ...manifest, dist: { integrity, tarball } }]
      })
    )
    return { name, 'dist-tags': { latest: all.at(-1)?.packed.manifest.version }, versions }
  }

  function answer(path: string, response: ServerResponse): void {
    const [, name = '', version] = /^\/([^/]+)(?:\/-\/.*-(\d+\.\d+\.\d+)\.tgz)?$/.exec(path) ?? []
    if (version === undefined) {
      const description = describe(name)
      if (description === null) response.writeHead(404).end('{"error":"Not found"}')
      else response.setHeader('content-type', 'application/json').end(JSON.stringify(description))
      return
    }
    const release = releases.get(name)?.find(({ packed }) => packed.manifest.version === version)
    if (release === undefined) response.writeHead(404).end()
    else response.end(release.packed.tarball)
  }

  const server = createServer((request, response) => {
    const path = decodeURIComponent(request.url ?? '/')
    requests.push({ path, headers: request.headers })
    if (fault?.kind === 'stalled') return
    if (fault?.kind === 'status') response.writeHead(fault.status).end('{}')
    else answer(path, response)
  })
  await once(server.listen(0, '127.0.0.1'), 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the registry has no port')
  url = `http://127.0.0.1:${address.port}`
  return {
    url,
    requests,
    publish: (packed, integrity = packed.integrity) => {
      const { name } = packed.manifest
      releases.set(name, [...(releases.get(name) ?? []), { packed, integrity }])
    },
    misbehave: (next) => {
      fault = next
    },
    close: () => {
      server.closeAllConnections()
      server.close()
    }
  }
}
