/**
 * Cuts the part of GitHub's OpenAPI description that the stand-in speaks out of @octokit/openapi (MIT).
 *
 * The package is 385 MB unpacked, so it is no dependency: this script fetches it with `npm pack` into a temporary
 * folder, takes one file and the licence out of it, and writes `openapi.json` and `openapi.LICENSE` beside itself.
 *
 * Run from the repository root after adding an operation below:
 *   node_modules/.bin/node test/fakes/github/cut-openapi.ts
 */
import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Json, JsonObject } from './json.ts'
import { isJsonObject, parseJsonObject, readObject } from './json.ts'

const packageSpec = '@octokit/openapi@23.0.2'
const descriptionFile = 'package/generated/api.github.com.json'
const licenceFile = 'package/LICENSE'

/** What the stand-in answers, in GitHub's own operation ids. */
const operationIds: ReadonlySet<string> = new Set([
  'apps/get-authenticated',
  'apps/list-installations',
  'apps/get-installation',
  'apps/create-installation-access-token',
  'apps/revoke-installation-access-token',
  'apps/list-repos-accessible-to-installation',
  'apps/get-repo-installation',
  'apps/list-webhook-deliveries',
  'apps/redeliver-webhook-delivery',
  'repos/get',
  'repos/get-content',
  'repos/get-commit',
  'repos/get-branch',
  'repos/compare-commits-with-basehead',
  'repos/get-collaborator-permission-level',
  'pulls/list',
  'pulls/get',
  'pulls/list-files',
  'pulls/list-commits',
  'checks/create',
  'checks/update',
  'checks/get',
  'checks/list-for-ref',
  'checks/list-annotations',
  'issues/list-comments',
  'issues/create-comment',
  'issues/get-comment',
  'issues/update-comment',
  'issues/delete-comment',
  'reactions/create-for-issue-comment',
  'reactions/list-for-issue-comment'
])

/** What the stand-in delivers: operation ids under `x-webhooks`, that is event/action with hyphens. */
const webhookIds: ReadonlySet<string> = new Set([
  'check-run/completed',
  'check-run/created',
  'check-run/requested-action',
  'check-run/rerequested',
  'check-suite/rerequested',
  'installation/created',
  'installation/deleted',
  'installation/suspend',
  'installation/unsuspend',
  'issue-comment/created',
  'issue-comment/deleted',
  'issue-comment/edited',
  'merge-group/checks-requested',
  'merge-group/destroyed',
  'pull-request/closed',
  'pull-request/converted-to-draft',
  'pull-request/edited',
  'pull-request/opened',
  'pull-request/ready-for-review',
  'pull-request/reopened',
  'pull-request/synchronize',
  'push'
])

/** Keys that only explain. Dropping them makes the cut ten times smaller and changes no validation. */
const explanatoryKeys: ReadonlySet<string> = new Set([
  'description',
  'summary',
  'example',
  'examples',
  'externalDocs',
  'tags',
  'title',
  'x-github',
  'deprecated'
])

/** In these maps a key is a name that somebody chose (a property called "description"), not a keyword. */
const nameMaps: ReadonlySet<string> = new Set(['properties', 'patternProperties', 'schemas', 'responses', 'headers'])

function withoutExplanations(value: Json, keysAreNames: boolean): Json {
  if (Array.isArray(value)) return value.map((item) => withoutExplanations(item, false))
  if (!isJsonObject(value)) return value
  const kept: Record<string, Json> = {}
  for (const [key, child = null] of Object.entries(value)) {
    if (!keysAreNames && explanatoryKeys.has(key)) continue
    const isLiteral = !keysAreNames && (key === 'enum' || key === 'default')
    kept[key] = isLiteral ? child : withoutExplanations(child, !keysAreNames && nameMaps.has(key))
  }
  return keysAreNames ? kept : withExplicitNull(kept)
}

/**
 * OpenAPI 3.0 writes "or null" as `nullable`, which the validator knows only next to `type` and does not apply to an
 * `enum`. Says the same in words it does know.
 */
function withExplicitNull(schema: JsonObject): JsonObject {
  if (schema.nullable !== true) return schema
  if (schema.type === undefined) {
    const { nullable: _, ...rest } = schema
    return { anyOf: [rest, { enum: [null] }] }
  }
  if (!Array.isArray(schema.enum) || schema.enum.includes(null)) return schema
  return { ...schema, enum: [...schema.enum, null] }
}

/**
 * Two mistakes of the description itself, corrected so that what GitHub really sends passes:
 * the account of a listed installation is a user *or* an enterprise (as in its own component `installation`), not both
 * at once; and the list of events that an app may subscribe to stopped being maintained before merge_group.
 */
function withCorrections(value: Json): Json {
  if (Array.isArray(value)) return value.map(withCorrections)
  if (!isJsonObject(value)) return value
  const corrected: Record<string, Json> = {}
  for (const [key, child = null] of Object.entries(value)) corrected[key] = correctEntry(key, withCorrections(child))
  return corrected
}

function correctEntry(key: string, child: Json): Json {
  if (!isJsonObject(child)) return child
  if (key === 'account' && child.allOf !== undefined) {
    const { allOf, ...rest } = child
    return { ...rest, anyOf: allOf }
  }
  if (key === 'events' && child.type === 'array') return { ...child, items: { type: 'string' } }
  return child
}

function cutPaths(description: JsonObject): JsonObject {
  const missing = new Set(operationIds)
  const paths: Record<string, Json> = {}
  for (const [path, item] of Object.entries(parseJsonObject(description.paths, 'paths'))) {
    const operations: Record<string, Json> = {}
    for (const [method, operation] of Object.entries(parseJsonObject(item, path))) {
      if (!isJsonObject(operation) || typeof operation.operationId !== 'string') continue
      if (!operationIds.has(operation.operationId)) continue
      missing.delete(operation.operationId)
      operations[method] = withoutExplanations(withCorrections(operation), false)
    }
    if (Object.keys(operations).length > 0) paths[path] = operations
  }
  if (missing.size > 0) throw new Error(`${packageSpec} has no operation ${[...missing].join(', ')}`)
  return paths
}

/** Webhook payload schemas as operations `POST /_webhooks/{event}/{action}`, so that one validator serves both. */
function cutWebhooks(description: JsonObject): JsonObject {
  const missing = new Set(webhookIds)
  const paths: Record<string, Json> = {}
  for (const [name, item] of Object.entries(parseJsonObject(description['x-webhooks'], 'x-webhooks'))) {
    const operation = parseJsonObject(parseJsonObject(item, name).post, `${name}.post`)
    const id = operation.operationId
    if (typeof id !== 'string' || !missing.delete(id)) continue
    const content = readObject(readObject(operation, 'requestBody') ?? {}, 'content') ?? {}
    const json = withoutExplanations(
      withCorrections(parseJsonObject(content['application/json'], `${name} as JSON`)),
      false
    )
    paths[`/_webhooks/${id}`] = {
      post: {
        operationId: `webhook/${id}`,
        requestBody: { required: true, content: { 'application/json': json } },
        responses: { 204: {} }
      }
    }
  }
  if (missing.size > 0) throw new Error(`${packageSpec} has no webhook ${[...missing].join(', ')}`)
  return paths
}

function collectReferences(value: Json, into: Set<string>): void {
  if (Array.isArray(value)) for (const item of value) collectReferences(item, into)
  if (!isJsonObject(value)) return
  for (const [key, child = null] of Object.entries(value)) {
    if (key === '$ref' && typeof child === 'string') into.add(child)
    else collectReferences(child, into)
  }
}

/** Copies every component that `paths` reaches, directly or through another component. */
function cutComponents(description: JsonObject, paths: JsonObject): JsonObject {
  const components: Record<string, Record<string, Json>> = {}
  const pending = new Set<string>()
  collectReferences(paths, pending)
  for (const reference of pending) {
    const [kind = '', name = ''] = reference.replace('#/components/', '').split('/')
    const group = parseJsonObject(parseJsonObject(description.components, 'components')[kind], kind)
    const component = withoutExplanations(withCorrections(parseJsonObject(group[name], reference)), false)
    components[kind] = { ...components[kind], [name]: component }
    collectReferences(component, pending)
  }
  return components
}

function fetchPackageFiles(folder: string): { readonly description: JsonObject; readonly licencePath: string } {
  const archive = execFileSync('npm', ['pack', '--silent', packageSpec], { cwd: folder, encoding: 'utf8' }).trim()
  execFileSync('tar', ['-xzf', archive, descriptionFile, licenceFile], { cwd: folder })
  const description = parseJsonObject(JSON.parse(readFileSync(join(folder, descriptionFile), 'utf8')), descriptionFile)
  return { description, licencePath: join(folder, licenceFile) }
}

function main(): void {
  const folder = mkdtempSync(join(tmpdir(), 'tailgate-openapi-'))
  try {
    const { description, licencePath } = fetchPackageFiles(folder)
    const paths = { ...cutPaths(description), ...cutWebhooks(description) }
    const cut = {
      openapi: description.openapi,
      info: {
        title: `GitHub REST API, cut from ${packageSpec} by cut-openapi.ts`,
        version: '1.1.4',
        license: { name: 'MIT' }
      },
      paths,
      components: cutComponents(description, paths)
    }
    const target = join(import.meta.dirname, 'openapi.json')
    writeFileSync(target, `${JSON.stringify(cut)}\n`)
    copyFileSync(licencePath, join(import.meta.dirname, 'openapi.LICENSE'))
    process.stdout.write(
      `${target}: ${operationIds.size} operations, ${webhookIds.size} webhooks, ${JSON.stringify(cut).length} bytes\n`
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

main()
