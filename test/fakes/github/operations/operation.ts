import type { Actor } from '../authentication.ts'
import type { NeededPermission } from '../authorization.ts'
import type { Json, JsonObject } from '../json.ts'
import type { RepositoryRecord } from '../state.ts'
import type { World } from '../world.ts'

export interface Call {
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: JsonObject
  readonly actor: Actor
  readonly accept: string
  /** Path and query as asked, for the links to other pages. */
  readonly url: string
}

export interface RepositoryCall extends Call {
  readonly repository: RepositoryRecord
}

export type Answer =
  | {
      readonly kind: 'json'
      readonly status: number
      readonly body: Json
      readonly headers: Readonly<Record<string, string>>
    }
  | { readonly kind: 'raw'; readonly status: number; readonly content: Buffer; readonly contentType: string }
  | { readonly kind: 'empty'; readonly status: number }

/** One operation of GitHub's API: who may call it and what it does. */
export type Operation =
  | {
      readonly kind: 'app' | 'installation'
      readonly handle: (world: World, call: Call) => Answer | Promise<Answer>
    }
  | {
      readonly kind: 'repository'
      /** One of these permissions is enough. */
      readonly anyOf: readonly NeededPermission[]
      readonly handle: (world: World, call: RepositoryCall) => Answer | Promise<Answer>
    }

export type Operations = Readonly<Record<string, Operation>>

export function answer(body: Json, status = 200, headers: Readonly<Record<string, string>> = {}): Answer {
  return { kind: 'json', status, body, headers }
}

export function noContent(): Answer {
  return { kind: 'empty', status: 204 }
}

const defaultPageSize = 30
const largestPageSize = 100

export interface Page<T> {
  readonly items: readonly T[]
  readonly headers: Readonly<Record<string, string>>
}

/** The page of `items` that the query asks for, with the `link` header by which clients find the others. */
export function paginate<T>(world: World, call: Call, items: readonly T[], largest = largestPageSize): Page<T> {
  const size = Math.min(Math.max(Number(call.query.get('per_page')) || defaultPageSize, 1), largest)
  const page = Math.max(Number(call.query.get('page')) || 1, 1)
  const lastPage = Math.max(Math.ceil(items.length / size), 1)
  const links: string[] = []
  if (page > 1) links.push(link(world, call, page - 1, 'prev'), link(world, call, 1, 'first'))
  if (page < lastPage) links.push(link(world, call, page + 1, 'next'), link(world, call, lastPage, 'last'))
  return {
    items: items.slice((page - 1) * size, page * size),
    headers: links.length === 0 ? {} : { link: links.join(', ') }
  }
}

function link(world: World, call: Call, page: number, relation: string): string {
  const url = new URL(call.url, world.origin)
  url.searchParams.set('page', String(page))
  return `<${url.href}>; rel="${relation}"`
}

/** A path parameter as a whole number; NaN finds no record, which is the 404 it deserves. */
export function numberParam(call: Call, name: string): number {
  return Number(call.params[name])
}
